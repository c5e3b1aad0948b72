// The images, built with podman from what this machine has, and looked at file by file.
import assert from "node:assert/strict";
import { globSync, lstatSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { buildInTurn } from "./support/build-in-turn.ts";
import { ContainerEngine } from "./support/container-engine.ts";

const engine = ContainerEngine.open("the images");

describe("the store's image", { skip: engine === undefined, timeout: 900_000 }, () => {
  const podman = engine!;
  // A name of its own: the test of the compose file builds the same in the same storage.
  const build = async (anew = false) => {
    const env = { ...podman.variables };
    const [built] = await buildInTurn({ names: ["store"], tag: "test-images", local: true, anew, env });
    return built!;
  };
  let image = "";
  let files = "";
  before(async () => {
    image = await build();
    files = await podman.podman("image", "mount", image);
  });
  after(async () => {
    await podman.podman("image", "umount", "--force", image);
    await podman[Symbol.asyncDispose]();
  });

  const all = () => globSync("**", { cwd: files, withFileTypes: true }).filter((entry) => !entry.isDirectory());

  it("starts the store as nobody in particular, and asks its health as the original's does", async () => {
    const [{ Config: config }] = JSON.parse(await podman.podman("image", "inspect", image)) as [
      { readonly Config: Readonly<Record<string, unknown>> },
    ];
    assert.deepEqual(config.Cmd, ["object-store"]);
    assert.equal(config.Entrypoint ?? null, null);
    assert.equal(config.User, "10001:0");
    const { Test: test } = (await healthOf(image)) as { readonly Test: readonly string[] };
    assert.deepEqual(test.slice(0, 3), ["CMD", "/bin/grpc_health_probe", "-addr=127.0.0.1:8080"]);
    const data = lstatSync(join(files, "mnt/data"));
    assert.deepEqual([data.uid, data.gid, data.mode & 0o7777], [10_001, 0, 0o770]);
  });

  async function healthOf(name: string): Promise<unknown> {
    const [about] = JSON.parse(await podman.podman("image", "inspect", name)) as [Readonly<Record<string, unknown>>];
    return about.HealthCheck ?? about.Healthcheck;
  }

  it("has programs for the store alone: Node.js, the probe, and no shell", () => {
    const programs = all()
      .filter((entry) => entry.isFile() && (lstatSync(join(entry.parentPath, entry.name)).mode & 0o111) !== 0)
      .map((entry) => join(entry.parentPath, entry.name).slice(files.length))
      .filter((path) => !/\.so(\.|$)|\.js$/.test(path) && !path.startsWith("/usr/lib/p8e/node_modules/"));
    assert.deepEqual(programs.sort(), ["/bin/grpc_health_probe", "/usr/local/bin/node"]);
    for (const entry of all()) {
      const path = join(entry.parentPath, entry.name);
      assert.equal(lstatSync(path).mode & 0o6000, 0, `${path} is setuid or setgid`);
      assert.doesNotMatch(path, /\/(ba|da|z|a)?sh$|\/(apt|dpkg|npm|npx|busybox)$/);
    }
  });

  it("has nothing that can decrypt", () => {
    const folder = join(files, "usr/lib/p8e");
    const ours = globSync("node_modules/@p8e/*", { cwd: folder }).map((path) =>
      path.slice("node_modules/@p8e/".length),
    );
    assert.deepEqual(ours.sort(), ["core", "decoding", "envelope", "machine", "object-store", "proto", "rpc"]);
    assert.deepEqual(globSync("node_modules/{secp256k1,@noble/**,@scure/bip*,elliptic}", { cwd: folder }), []);
    for (const file of globSync(["app/**/*.js", "node_modules/@p8e/**/*.js"], { cwd: folder })) {
      const text = readFileSync(join(folder, file), "utf8");
      assert.doesNotMatch(text, /createDecipher|createECDH|diffieHellman|hkdf/i, `${file} reaches for decryption`);
    }
  });

  it("lists what it is made of, and under which licence", () => {
    const lines = readFileSync(join(files, "usr/share/p8e/licences.tsv"), "utf8").trimEnd().split("\n");
    const rows = lines.map((line) => line.split("\t"));
    for (const row of rows) assert.ok(row.length === 4 && row.every((cell) => cell !== ""), row.join(" "));
    const names = new Set(rows.map(([kind, name]) => `${kind} ${name}`));
    for (const name of ["generic nodejs", "npm pg", "npm @p8e/object-store", "deb libc6", "deb libstdc++6"]) {
      assert.ok(names.has(name), name);
    }
    assert.ok(names.has("golang github.com/grpc-ecosystem/grpc-health-probe"));
    const bom = JSON.parse(readFileSync(join(files, "usr/share/p8e/sbom.cdx.json"), "utf8")) as {
      readonly components: readonly { readonly name: string; readonly purl: string }[];
    };
    assert.equal(bom.components.length, rows.length);
    const packages = globSync("usr/lib/p8e/**/package.json", { cwd: files })
      .map((file) => JSON.parse(readFileSync(join(files, file), "utf8")) as { name?: string; version?: string })
      .filter(({ name, version }) => name !== undefined && version !== undefined);
    for (const { name } of packages)
      assert.ok(
        bom.components.some((each) => each.name === name),
        name,
      );
    for (const name of ["libc6", "libstdc++6", "libgcc-s1", "nodejs", "grpc-health-probe"]) {
      assert.ok(readFileSync(join(files, "usr/share/doc", name, "copyright"), "utf8").length > 100, name);
    }
  });

  it("runs as any user of the group 0 on a root that nobody can write, and says in JSON why it cannot start", async () => {
    const variables = {
      ...{ OS_URL: "0.0.0.0", OS_PORT: "8080", URI_HOST: "localhost", TRACE_HEADER: "x-trace-id" },
      ...{ STORAGE_TYPE: "file_system", STORAGE_BASE_PATH: "/mnt/data", P8E_STORE_DATABASE_WAIT_SECONDS: "1" },
      ...{
        DB_HOST: "database.invalid",
        DB_PORT: "5432",
        DB_USER: "a",
        DB_PASS: "b",
        DB_NAME: "c",
        DB_SCHEMA: "public",
      },
    };
    const given = Object.entries(variables).flatMap(([name, value]) => ["--env", `${name}=${value}`]);
    const bare = ["--rm", "--read-only", "--read-only-tmpfs=false", "--cap-drop=ALL", "--user=54321:0"];
    const { code, stdout } = await podman.ran("podman", [
      ...["run", ...bare, "--security-opt=no-new-privileges", "--network=none", ...given, image],
    ]);
    assert.equal(code, 30);
    const lines = stdout.trimEnd().split("\n");
    const last = lines.map((line) => JSON.parse(line) as Readonly<Record<string, unknown>>).at(-1)!;
    assert.deepEqual([last.event, last.host, last.port], ["the object store cannot start", "database.invalid", 5432]);
  });

  it("has a probe with the original's exit codes", async () => {
    const probe = (...args: readonly string[]) =>
      podman.ran("podman", ["run", "--rm", "--network=none", image, "/bin/grpc_health_probe", ...args]);
    assert.equal((await probe()).code, 1);
    assert.equal((await probe("-addr=127.0.0.1:1", "-connect-timeout=100ms")).code, 2);
  });

  it("is the same image when it is built again", async () => {
    const id = () => podman.podman("image", "inspect", "--format", "{{.Id}}", image);
    const before = await id();
    await build(true);
    assert.equal(await id(), before);
  });
});
