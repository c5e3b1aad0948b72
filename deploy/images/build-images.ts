// `npm run images`: builds the images with podman (or docker). `--local`: from what this machine has instead of a registry's
// images, as CI does.
import { type SpawnSyncReturns, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  chmodSync,
  cpSync,
  existsSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join, resolve } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

const root = fileURLToPath(new URL("../../", import.meta.url));
const PROBE = "github.com/grpc-ecosystem/grpc-health-probe";
const PROBE_VERSION = "v0.4.62";
/** Which releases of its libraries a Debian machine has. */
const DEBIAN_PACKAGES = "/var/lib/dpkg/status";
/** The image that others are built from on a machine without a registry; another one when its recipe or what goes in changes. */
export const LOCAL_BUILDER = `localhost/p8e/builder:${createHash("sha256")
  .update(readFileSync(fileURLToPath(import.meta.url)))
  .update(readFileSync(join(root, `node_modules/node-linux-${process.arch}/package.json`)))
  .update(existsSync(DEBIAN_PACKAGES) ? readFileSync(DEBIAN_PACKAGES) : "")
  .digest("hex")
  .slice(0, 16)}`;
const LOCAL_PROVENANCE = "localhost/p8e/provenance";

/** Targets of the Containerfile, and what each is called where it is published. */
export const images = { store: "p8e/object-store", p8e: "p8e/p8e", node: "p8e/node" } as const;
/** One of the images. */
export type ImageName = keyof typeof images;

/** How images are built. */
export interface BuildOptions {
  readonly names: readonly ImageName[];
  readonly tag: string;
  /** From this machine's own files, without a registry. */
  readonly local: boolean;
  /** The program of a node, where the image of the node is built from this machine's files; its library lies beside it. */
  readonly provenanced?: string | undefined;
  /** `podman` unless given. */
  readonly engine?: string;
  /** Whether two builds of one commit are to be one image: the last step, and a slow one. True unless given. */
  readonly reproducible?: boolean;
  /** Nothing that was built before is used again. */
  readonly anew?: boolean;
  /** Variables of the engine's process. */
  readonly env?: NodeJS.ProcessEnv;
}

/** Builds and returns the images' names. @throws Error with what the engine said when it fails */
export function buildImages({
  names,
  tag,
  local,
  provenanced,
  engine = "podman",
  reproducible = true,
  anew = false,
  env = process.env,
}: BuildOptions): readonly string[] {
  if (local) makeLocalBuilder(engine, env);
  if (local && names.includes("node")) makeLocalProvenance(engine, provenanced, env);
  return names.map((name) => {
    const image = `localhost/${images[name]}:${tag}`;
    const dependencies = realpathSync(join(root, "node_modules"));
    const from = local
      ? [
          ...["--build-arg", `BUILDER=${LOCAL_BUILDER}`, "--build-arg", `PROBE_BUILDER=${LOCAL_BUILDER}`],
          ...["--build-arg", `SYSTEM=${LOCAL_BUILDER}`, "--build-arg", `PROVENANCE=${LOCAL_PROVENANCE}`],
          ...["--volume", `${dependencies}:/src/node_modules:ro`],
        ]
      : [];
    // Docker's format keeps HEALTHCHECK.
    const always =
      engine === "docker" ? [] : ["--format", "docker", "--timestamp", "0", "--layers", "--isolation", "chroot"];
    const file = join(root, "deploy/images/Containerfile");
    const what = ["--target", name, "--tag", image, "--file", file, root];
    const cache = anew ? ["--no-cache"] : [];
    run(engine, ["build", "--quiet", ...always, ...cache, ...from, ...what], env);
    // The node's is for development, and large.
    if (reproducible && engine !== "docker" && name !== "node") forgetBuild(engine, image, env);
    return image;
  });
}

/**
 * Takes the names of the container that an image was built in, and of the images in between, out of its configuration, where
 * podman writes them: without them, two builds of one commit are one image.
 */
function forgetBuild(engine: string, image: string, env: NodeJS.ProcessEnv): void {
  const folder = mkdtempSync(join(tmpdir(), "p8e-image-"));
  try {
    run(engine, ["save", "--quiet", "--format", "docker-dir", "--output", folder, image], env);
    const manifest = JSON.parse(readFileSync(join(folder, "manifest.json"), "utf8")) as {
      readonly config: { digest: string; size: number };
    };
    const file = join(folder, manifest.config.digest.slice("sha256:".length));
    const {
      container: _,
      container_config: __,
      parent: ___,
      ...kept
    } = JSON.parse(readFileSync(file, "utf8")) as {
      readonly container?: unknown;
      readonly container_config?: unknown;
      readonly parent?: unknown;
      readonly config: Record<string, unknown>;
      readonly history: readonly { comment?: string }[];
    };
    for (const step of kept.history) delete step.comment;
    kept.config.Hostname = "";
    const text = JSON.stringify(kept);
    const digest = createHash("sha256").update(text).digest("hex");
    rmSync(file);
    writeFileSync(join(folder, digest), text);
    manifest.config.digest = `sha256:${digest}`;
    manifest.config.size = Buffer.byteLength(text);
    writeFileSync(join(folder, "manifest.json"), JSON.stringify(manifest));
    const built = idOf(engine, image, env);
    const id = run(engine, ["pull", "--quiet", `dir:${folder}`], env).stdout.trim();
    const draft = `${image}-draft`;
    run(engine, ["tag", built, draft], env);
    run(engine, ["tag", id, image], env);
    // By a name, unforced, without what it was built from: another build that took the same image out of the cache keeps it,
    // with its name and containers. Where the engine refuses, it stays.
    spawnSync(engine, ["rmi", "--no-prune", draft], { cwd: root, env });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const idOf = (engine: string, image: string, env: NodeJS.ProcessEnv) =>
  run(engine, ["image", "inspect", "--format", "{{.Id}}", image], env).stdout.trim();

/** An image of this machine's Node.js, glibc, shell and health probe: enough to assemble ours. */
function makeLocalBuilder(engine: string, env: NodeJS.ProcessEnv): void {
  if (spawnSync(engine, ["image", "inspect", LOCAL_BUILDER], { env }).status === 0) return;
  const folder = mkdtempSync(join(tmpdir(), "p8e-builder-"));
  try {
    const put = (from: string, to = from) => {
      mkdirSync(dirname(join(folder, to)), { recursive: true });
      cpSync(realpathSync(from), join(folder, to));
    };
    put("/bin/sh");
    put("/bin/uname");
    put(join(root, `node_modules/node-linux-${process.arch}/bin/node`), "/usr/local/bin/node");
    const libraries = new Set(
      ["/bin/sh", "/bin/uname", join(folder, "usr/local/bin/node")].flatMap((program) =>
        [...run("ldd", [program]).stdout.matchAll(/(\/\S+) \(0x/g)].map(([, path]) => path!),
      ),
    );
    for (const library of libraries) put(library);
    for (const name of ["libc6", "libgcc-s1", "libstdc++6"]) {
      put(`/usr/share/doc/${name}/copyright`);
      for (const list of globSync(`/var/lib/dpkg/info/${name}{,:*}.list`)) put(list);
    }
    put(DEBIAN_PACKAGES);
    buildProbe(join(folder, "go/bin"));
    mkdirSync(join(folder, "tmp"));
    chmodSync(join(folder, "tmp"), 0o1777);
    writeFileSync(join(folder, "Containerfile"), "FROM scratch\nCOPY . /\nENV PATH=/usr/local/bin:/bin\n");
    run(engine, ["build", "--quiet", "--isolation", "chroot", "--tag", LOCAL_BUILDER, folder], env);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A node's program where the published image has it. */
function makeLocalProvenance(engine: string, program: string | undefined, env: NodeJS.ProcessEnv): void {
  if (program === undefined) throw new Error("P8E_PROVENANCED must name the program of the node");
  const folder = mkdtempSync(join(tmpdir(), "p8e-provenance-"));
  try {
    const library = "libwasmvm.x86_64.so";
    mkdirSync(join(folder, "usr/bin"), { recursive: true });
    cpSync(program, join(folder, "usr/bin/provenanced"));
    cpSync(join(dirname(program), library), join(folder, "lib/x86_64-linux-gnu", library));
    writeFileSync(join(folder, "Containerfile"), "FROM scratch\nCOPY usr /usr\nCOPY lib /lib\n");
    run(engine, ["build", "--quiet", "--isolation", "chroot", "--tag", LOCAL_PROVENANCE, folder], env);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** With this machine's Go; kept in the repository's cache. */
function buildProbe(into: string): void {
  const kept = join(root, ".cache", `health-probe-${PROBE_VERSION}-${process.arch}`);
  if (!existsSync(kept)) {
    const draft = `${kept}.${process.pid}`;
    mkdirSync(draft, { recursive: true });
    const env = { ...process.env, GOBIN: draft, CGO_ENABLED: "0" };
    run("go", ["install", "-trimpath", "-ldflags=-s -w -buildid=", `${PROBE}@${PROBE_VERSION}`], env);
    const program = join(draft, basename(PROBE));
    writeFileSync(`${program}.modules`, run("go", ["version", "-m", program]).stdout);
    const cache = run("go", ["env", "GOMODCACHE"]).stdout.trim();
    cpSync(join(cache, `${PROBE}@${PROBE_VERSION}`, "LICENSE"), `${program}.licence`);
    try {
      renameSync(draft, kept);
    } catch (error) {
      rmSync(draft, { recursive: true, force: true });
      // Else another process built the same.
      if (!existsSync(kept)) throw error;
    }
  }
  cpSync(kept, into, { recursive: true });
}

function run(program: string, args: readonly string[], env = process.env): SpawnSyncReturns<string> {
  const done = spawnSync(program, args, { cwd: root, encoding: "utf8", env, maxBuffer: 64 * 1024 ** 2 });
  if (done.error === undefined && done.status === 0) return done;
  throw new Error(`${program} ${args[0]} failed: ${done.error?.message ?? `${done.stdout}${done.stderr}`}`);
}

function main(): void {
  const { values } = parseArgs({
    options: {
      local: { type: "boolean", default: false },
      tag: { type: "string", default: "dev" },
      engine: { type: "string", default: "podman" },
    },
  });
  const provenanced = process.env.P8E_PROVENANCED;
  // The node's program cannot be had from this machine unless it is named.
  const names = (Object.keys(images) as ImageName[]).filter((name) => name !== "node" || !values.local || provenanced);
  for (const image of buildImages({ names, provenanced, ...values })) process.stdout.write(`${image}\n`);
}

if (process.argv[1] !== undefined && resolve(process.argv[1]) === fileURLToPath(import.meta.url)) main();
