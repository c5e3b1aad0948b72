// What it costs to begin: a process that imports one door of a package. Each figure is a median of 20 processes, one after
// another, with the least and the most beside it; compiled modules are kept. Commands have a bench of their own.
import { spawnSync } from "node:child_process";
import { globSync, readFileSync } from "node:fs";
import { join, posix } from "node:path";
import process from "node:process";

const ROUNDS = 20;
const root = join(import.meta.dirname, "..");

function milliseconds(args: readonly string[]): readonly number[] {
  const samples: number[] = [];
  for (let round = -1; round < ROUNDS; round++) {
    const start = process.hrtime.bigint();
    const { status, stderr } = spawnSync(process.execPath, args, { encoding: "utf8" });
    if (status !== 0) throw new Error(`${args.join(" ")} ended with ${status}: ${stderr}`);
    if (round >= 0) samples.push(Number(process.hrtime.bigint() - start) / 1e6);
  }
  return samples.sort((left, right) => left - right);
}

function row(name: string, samples: readonly number[], more = ""): void {
  const [median, least, most] = [samples[ROUNDS / 2]!, samples[0]!, samples.at(-1)!].map((each) => each.toFixed(0));
  console.log(`  ${name.padEnd(34)}${median!.padStart(6)} ms   (${least} to ${most})${more}`);
}

/** Every door of every package, by the name that is imported. */
function doors(): readonly string[] {
  return globSync("packages/*/package.json", { cwd: root })
    .sort()
    .flatMap((file) => {
      const { name, exports } = JSON.parse(readFileSync(join(root, file), "utf8")) as {
        readonly name: string;
        readonly exports: Readonly<Record<string, unknown>>;
      };
      return Object.keys(exports).map((door) => posix.join(name, door));
    });
}

function timeDoor(door: string): void {
  const load = `await import(${JSON.stringify(import.meta.resolve(door))});`;
  const count = `import { registerHooks } from "node:module"; let count = 0;
    registerHooks({ load(url, context, next) { count += 1; return next(url, context); } });
    ${load} console.log(count);`;
  const [evaluate, counted] = [load, count].map((text) => ["--input-type=module", "--eval", text] as const);
  const modules = spawnSync(process.execPath, counted!, { encoding: "utf8" }).stdout.trim();
  row(door, milliseconds(evaluate!), `  ${modules} modules`);
}

for (const door of doors()) timeDoor(door);
