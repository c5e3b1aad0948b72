// `npm test`: every fast test of the repository, in the runtime that ships. `--slow` adds the long ones, `--long` runs those
// alone, `--require-peers` turns the printed skips (no JVM, no real node, no Wycheproof folder) into failures; `.ci/run` uses
// them all. `--soak` (`npm run soak`) runs the endless-looking ones instead: kill -9 again and again, with fresh seeds.
// Other words name files: those whose path contains one of them, or begins with it where it begins with a folder of the root.
import { globSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { dirname, join } from "node:path";
import process from "node:process";
import { run } from "node:test";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { reportTests } from "./test-report.ts";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const { values: chosen, positionals: wanted } = parseArgs({
  allowPositionals: true,
  options: {
    slow: { type: "boolean", default: false },
    long: { type: "boolean", default: false },
    soak: { type: "boolean", default: false },
    "require-peers": { type: "boolean", default: false },
    /** Only tests whose name matches this regular expression. */
    name: { type: "string" },
    concurrency: { type: "string" },
    /** How many of the files that took longest are named at the end. */
    longest: { type: "string", default: "5" },
  },
});

type Speed = "fast" | "long" | "soak";

const speedOf = (file: string): Speed =>
  file.endsWith(".soak.test.ts") ? "soak" : file.endsWith(".slow.test.ts") ? "long" : "fast";

const asked: readonly Speed[] = chosen.soak
  ? ["soak"]
  : chosen.long
    ? ["long"]
    : chosen.slow
      ? ["fast", "long"]
      : ["fast"];
const limitMs: Readonly<Record<Speed, number>> = { fast: 300_000, long: 1_200_000, soak: 3_600_000 };

const all = globSync(
  [
    "packages/*/test/**/*.test.ts",
    "apps/*/test/**/*.test.ts",
    "examples/*/test/**/*.test.ts",
    "test/**/*.test.ts",
    "interop/*/test/**/*.test.ts",
    "deploy/test/**/*.test.ts",
  ],
  { cwd: root },
).filter((file) => wanted.length === 0 || wanted.some((part) => names(part, file)));

function names(part: string, file: string): boolean {
  return /^(packages|apps|examples|interop|deploy|test)\//.test(part) ? file.startsWith(part) : file.includes(part);
}

/** Words that name long tests alone mean those: `npm test -- guides`. */
const speeds: readonly Speed[] =
  wanted.length > 0 && !all.some((file) => asked.includes(speedOf(file))) ? ["long"] : asked;

/** Those that start servers take longest: they begin first, so that none is left alone at the end. */
const weight = (file: string): number =>
  ["apps/", "interop/", "packages/environment", "packages/sdk", "packages/object-store", "packages/rpc"].findIndex(
    (folder) => file.startsWith(folder),
  );
const order = (file: string): number => (weight(file) < 0 ? 99 : weight(file));

const files = all
  .filter((file) => speeds.includes(speedOf(file)))
  .sort((a, b) => order(a) - order(b) || (a < b ? -1 : 1));
if (files.length === 0) {
  process.stderr.write("no test file matches\n");
  process.exit(1);
}

/**
 * In a whole run the fast tests of a folder share a process, since half of what each takes is the start of one. Those that
 * start servers or processes stay alone: they wait, and others run meanwhile.
 */
const ALONE = /child_process|world-fixture|store-fixture|harness|CommandLine|mail-store|worker_threads/;
const batches = new Map<string, readonly string[]>();
if (wanted.length === 0) {
  const folders = Map.groupBy(
    files.filter((file) => speedOf(file) === "fast" && !ALONE.test(readFileSync(join(root, file), "utf8"))),
    dirname,
  );
  for (const [folder, of] of folders) {
    if (of.length > 1) batches.set(writeBatch(folder.replaceAll("/", "-"), of), of);
  }
}
const batched = new Set([...batches.values()].flat());
const alone = files.filter((file) => !batched.has(file));

/** A module that is all of these tests. */
function writeBatch(name: string, tests: readonly string[]): string {
  const folder = join(root, ".cache", "test-batches");
  mkdirSync(folder, { recursive: true });
  const path = join(folder, `${name}.test.ts`);
  writeFileSync(path, tests.map((file) => `import "../../${file}";\n`).join(""));
  return path;
}

if (chosen["require-peers"]) process.env.P8E_REQUIRE_PEERS = "1";
const interrupted = new AbortController();
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(signal, () => interrupted.abort());

const stream = run({
  files: [
    ...alone.filter((file) => order(file) === 0).map((file) => join(root, file)),
    ...batches.keys(),
    ...alone.filter((file) => order(file) !== 0).map((file) => join(root, file)),
  ],
  cwd: root,
  // One more than there are processors, since servers under test wait for disks and for each other.
  concurrency:
    chosen.concurrency === undefined ? Math.max(2, Math.min(4, cpus().length + 1)) : Number(chosen.concurrency),
  timeout: Math.max(...speeds.map((speed) => limitMs[speed])),
  signal: interrupted.signal,
  // Processors are what a run wants most, and a process is mostly start: garbage is collected seldom, and by one thread.
  execArgv: ["--single-threaded-gc", "--min-semi-space-size=16"],
  ...(chosen.name === undefined ? {} : { testNamePatterns: [new RegExp(chosen.name)] }),
});
const left = (speed: Speed) => (speeds.includes(speed) ? 0 : all.filter((file) => speedOf(file) === speed).length);
const good = await reportTests(stream, {
  root,
  files: files.length,
  filesIn: (path) => batches.get(path)?.length ?? 1,
  longest: Number(chosen.longest),
  left: [
    ...(left("long") > 0 && !chosen.soak
      ? [`${left("long")} files of long tests to .ci/run (npm test -- --slow)`]
      : []),
    ...(left("soak") > 0 ? [`${left("soak")} files of kill loops and soaks to npm run soak`] : []),
  ],
});
process.exit(good && !interrupted.signal.aborted ? 0 : 1);
