// deploy/compose as it is: images built from this machine, a real node, two parties' stores, a loan shared and verified across.
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { after, before, describe, it } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { freePort } from "@p8e/machine";
import { eventually, findProvenanced } from "@p8e/testkit";
import { buildInTurn } from "./support/build-in-turn.ts";
import { ContainerEngine, root } from "./support/container-engine.ts";
import { composeCommands, guideCommands } from "./support/guide-commands.ts";
import { buildPostgresImage } from "./support/postgres-image.ts";

const engine = ContainerEngine.open("the compose file");
const main = join(root, "apps/cli/src/main.ts");

describe("the compose file", { skip: engine === undefined, timeout: 900_000 }, () => {
  const podman = engine!;
  const project = `p8e-test-${process.pid}`;
  const ranLines: string[] = [];
  const folder = mkdtempSync(join(tmpdir(), "p8e-compose-"));
  const variables: Record<string, string> = {};
  /** A line of the page, as a shell in the clone takes it; what it makes goes into the test's folder. */
  const line = (text: string) => {
    assert.ok(guideCommands("deploy.md").includes(text), `docs/guides/deploy.md does not say: ${text}`);
    ranLines.push(text);
    return podman.run("bash", ["-euc", text.replaceAll("try-compose", folder)], variables);
  };
  const container = (service: string) => `${project}_${service}_1`;
  const logs = async (service: string) => {
    const { stdout, stderr } = await podman.ran("podman", ["logs", container(service)]);
    return `${stdout}${stderr}`;
  };

  /** The command on this machine, by the profile of a party. */
  const p8e = (party: string, ...args: readonly string[]) =>
    podman.run(process.execPath, [main, ...args, "--profile", join(folder, party)], variables);
  const json = async <T>(party: string, ...args: readonly string[]) =>
    JSON.parse(await p8e(party, ...args, "--json")) as T;

  before(async () => {
    const bin = join(folder, "bin");
    mkdirSync(bin);
    writeFileSync(join(bin, "npx"), `#!/bin/sh\nshift\nexec "${process.execPath}" "${main}" "$@"\n`, { mode: 0o755 });
    variables.PATH = `${bin}:${process.env.PATH}`;
    variables.COMPOSE_PROJECT_NAME = project;
    const { program } = await findProvenanced();
    const env = { ...podman.variables };
    await buildInTurn({
      names: ["store", "p8e", "node"],
      tag: "test-compose",
      local: true,
      provenanced: program,
      reproducible: false,
      env,
    });
    variables.P8E_STORE_IMAGE = "localhost/p8e/object-store:test-compose";
    variables.P8E_IMAGE = "localhost/p8e/p8e:test-compose";
    variables.P8E_NODE_IMAGE = "localhost/p8e/node:test-compose";
    variables.P8E_POSTGRES_IMAGE = await buildPostgresImage(podman);
    for (const name of ["POSTGRES", "STORE", "STORE_BANK", "NODE", "NODE_RPC"]) {
      variables[`P8E_${name}_PORT`] = String(await freePort());
    }
    await line(composeCommands.up);
  });

  after(async () => {
    await line(composeCommands.down);
    assert.deepEqual(ranLines.sort(), Object.values(composeCommands).sort());
    await podman[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true, force: true });
  });

  it("tells both stores of each other, with public keys alone, and may do so again", async () => {
    for (const service of ["register", "register-bank"]) {
      assert.equal(await podman.podman("wait", container(service)), "0", await logs(service));
      const said = JSON.parse(await logs(service)) as { readonly keys: readonly { readonly url: string | null }[] };
      assert.equal(said.keys.length, 4);
    }
    await podman.podman("start", container("register"));
    assert.equal(await podman.podman("wait", container("register")), "0", await logs("register"));
    // The image of the command carries the words of the development parties, as the repository does; no variable has any.
    const held = await podman.podman("inspect", "--format", "{{.Config.Env}}", container("store"));
    assert.doesNotMatch(held, /only-for-development/);
  });

  it("publishes on 127.0.0.1 alone, and its stores run without a writable root, capabilities or a user of their own", async () => {
    for (const service of ["postgres", "store", "store-bank", "node"]) {
      const [about] = JSON.parse(await podman.podman("inspect", container(service))) as [
        {
          readonly HostConfig: {
            readonly PortBindings: Readonly<Record<string, readonly { readonly HostIp: string }[]>>;
            readonly ReadonlyRootfs: boolean;
          };
          readonly EffectiveCaps: readonly string[] | null;
        },
      ];
      const ports = Object.values(about.HostConfig.PortBindings).flat();
      assert.ok(ports.length > 0 && ports.every(({ HostIp }) => HostIp === "127.0.0.1"), service);
      if (service === "postgres") continue;
      assert.equal(about.HostConfig.ReadonlyRootfs, true, service);
      assert.deepEqual(about.EffectiveCaps ?? [], [], service);
    }
    // Of the store: what the kernel says of its process.
    const pid = await podman.podman("inspect", "--format", "{{.State.Pid}}", container("store"));
    const status = readFileSync(`/proc/${pid}/status`, "utf8");
    assert.match(status, /^Uid:\t10001\t10001\t10001\t10001$/m);
    assert.match(status, /^CapEff:\t0000000000000000$/m);
    assert.match(status, /^NoNewPrivs:\t1$/m);
    assert.equal(await health("store"), 0);
  });

  async function health(service: string): Promise<number> {
    return (await podman.ran("podman", ["healthcheck", "run", container(service)])).code;
  }

  it("writes lines of JSON, the wait for the database included", async () => {
    const lines = (await logs("store")).trimEnd().split("\n");
    const events = lines.map((line) => (JSON.parse(line) as { readonly event: string }).event);
    assert.ok(events.includes("the object store is listening"));
  });

  let hash = "";
  let scope = "";
  it("carries a contract's record and a file from the lender to the bank, which verifies it from its own store", async () => {
    await line(composeCommands.lender);
    await line(composeCommands.bank);
    const deed = join(folder, "deed.txt");
    writeFileSync(deed, "This is a deed.\n");
    ({ hash } = await json<{ hash: string }>("lender", "put", deed, "--for", "bank"));
    const contract = join(root, "examples/hello/src/contract.ts");
    await p8e("lender", "contract", "publish", contract, "--for", "bank");
    const person = join(root, "examples/hello/person.json");
    const executed = await json<{ scope: string }>(
      "lender",
      ...["contract", "execute", "example.hello.Greet"],
      ...[...["--new-scope", "example.hello", "--input", `person=${person}`, "--share", "bank"]],
    );
    scope = executed.scope;
    await bankHasAll();
  });

  async function bankHasAll(): Promise<void> {
    const copy = join(folder, "copy.txt");
    // Each try is a process: some time lies between two.
    const arrives = { limitMs: 90_000, isLater: () => true };
    const patiently = (work: () => Promise<unknown>) => () =>
      work().catch((error) => delay(1000).then(() => Promise.reject(error)));
    const get = () => p8e("bank", "get", hash, "--out", copy, "--force");
    await eventually("the bank's store has the file", patiently(get), undefined, arrives);
    assert.equal(readFileSync(copy, "utf8"), "This is a deed.\n");
    await eventually(
      "the bank verifies the scope",
      patiently(() => p8e("bank", "verify", scope)),
      undefined,
      arrives,
    );
  }

  it("has a store that takes the original's place: its variables alone, and a volume that it wrote as root", async () => {
    const volume = join(folder, "volume");
    mkdirSync(volume, { mode: 0o755 });
    const password = readFileSync(join(root, "deploy/compose/development-password"), "utf8").trim();
    // As p8e-scope-sdk's compose file has them, but for the database's host, user and password.
    const original = [
      ...["OS_URL=0.0.0.0", "OS_PORT=8080", "DB_CONNECTION_POOL_SIZE=3", "DB_HOST=postgres", "DB_USER=p8e"],
      ...[`DB_PASS=${password}`, `DB_PASSWORD=${password}`, "DB_PORT=5432", "DB_NAME=object-store", "DB_SCHEMA=public"],
      ...["URI_HOST=localhost:8080", "STORAGE_TYPE=file_system", "STORAGE_BASE_PATH=/mnt/data"],
      ...["RUST_LOG=warn,object_store=debug", "TRACE_HEADER=x-trace-header", "LOGGING_THRESHOLD_SECONDS=1"],
    ].flatMap((variable) => ["--env", variable]);
    const name = `${project}-original`;
    const start = (...options: readonly string[]) => {
      const where = ["--name", name, "--replace", "--network", `${project}_default`, "--volume", `${volume}:/mnt/data`];
      return podman.podman("run", "--detach", ...where, ...original, ...options, variables.P8E_STORE_IMAGE!);
    };
    const said = async () => (await podman.ran("podman", ["logs", name])).stdout;
    try {
      await start();
      assert.notEqual(await podman.podman("wait", name), "0");
      assert.match(await said(), /uid 0, and this process is uid 10001: run chown -R 10001:0 \/mnt\/data/);
      const serves = (text: string) => text.includes("the object store is listening");
      await start("--user=0:0");
      await eventually("the store serves as root", said, serves);
      await podman.podman("stop", name);
      await podman.run("chown", ["-R", "10001:0", volume]);
      await start();
      await eventually("the store serves on the volume that was handed over", said, serves);
      assert.equal(
        (await podman.ran("podman", ["exec", name, "/bin/grpc_health_probe", "-addr=127.0.0.1:8080"])).code,
        0,
      );
    } finally {
      await podman.podman("rm", "--force", name);
    }
  });

  it("stops and starts without loss", async () => {
    await line(composeCommands.stop);
    await line(composeCommands.start);
    await bankHasAll();
  });

  it("loses nothing to SIGKILL of a store, its database and the node", async () => {
    for (const service of ["store-bank", "postgres-bank", "node"]) {
      const pid = Number(await podman.podman("inspect", "--format", "{{.State.Pid}}", container(service)));
      // Of a container that does not run it is 0, which would be this process's own group.
      assert.ok(pid > 1, `${service} does not run`);
      process.kill(pid, "SIGKILL");
    }
    await bankHasAll();
  });
});
