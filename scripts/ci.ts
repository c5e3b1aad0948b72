// What `.ci/run` runs: format and lint, types, every test with every optional peer required, two minutes of fuzzing, and the
// story once. Parts that share nothing run side by side; every line names its part, and the end says how long each took.
import { spawn } from "node:child_process";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import process from "node:process";
import { createInterface } from "node:readline";

const root = dirname(import.meta.dirname);

interface Part {
  readonly name: string;
  /** Of scripts/run.mjs. */
  readonly args: readonly string[];
}

interface Ended extends Part {
  readonly code: number;
  readonly durationMs: number;
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

/** One stage after another; the parts of a stage together. */
const stages: readonly (readonly Part[])[] = [
  [
    { name: "lint", args: ["lint"] },
    { name: "types", args: ["typecheck"] },
  ],
  [{ name: "tests", args: ["test", "--require-peers"] }],
  [
    { name: "long", args: ["test", "--long", "--require-peers", "--longest", "20"] },
    { name: "fuzz", args: ["fuzz", "--minutes", "2", "--seed", "1", "--delay-max", "1000"] },
    { name: "story", args: ["story", "--once", "--data", join(mkdtempSync(join(tmpdir(), "p8e-ci-")), "story")] },
  ],
];

function run(part: Part): Promise<Ended> {
  const started = performance.now();
  const child = spawn(process.execPath, [join(root, "scripts/run.mjs"), ...part.args], {
    cwd: root,
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, WYCHEPROOF_DIR: process.env.WYCHEPROOF_DIR ?? join(root, "../shared/vectors/wycheproof") },
  });
  const counts = { passed: 0, failed: 0, skipped: 0 };
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on("line", (line) => {
      const found = /^(\d+) passed, (\d+) failed, (\d+) skipped$/.exec(line);
      if (found) {
        [counts.passed, counts.failed, counts.skipped] = [Number(found[1]), Number(found[2]), Number(found[3])];
      }
      process.stdout.write(`${part.name}: ${line}\n`);
    });
  }
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) =>
      resolve({ ...part, ...counts, code: code ?? 1, durationMs: performance.now() - started }),
    );
  });
}

const minutes = (ms: number) => `${(ms / 60_000).toFixed(1)} min`;
const started = performance.now();
const ended: Ended[] = [];
for (const stage of stages) {
  ended.push(...(await Promise.all(stage.map(run))));
  // What does not lint or fails its fast tests need not keep anybody waiting for the long ones.
  if (ended.some(({ code }) => code !== 0)) break;
}
const sum = (field: "passed" | "failed" | "skipped") => ended.reduce((total, part) => total + part[field], 0);
process.stdout.write("\n");
for (const { name, code, durationMs } of ended) {
  process.stdout.write(`${name}: ${minutes(durationMs)}${code === 0 ? "" : `, exit code ${code}`}\n`);
}
process.stdout.write(`in all ${minutes(performance.now() - started)}\n`);
process.stdout.write(`${sum("passed")} passed, ${sum("failed")} failed, ${sum("skipped")} skipped\n`);
process.exit(ended.every(({ code }) => code === 0) ? 0 : 1);
