// What it costs to begin: a process that imports one door of a package, and a command of `p8e` from its launcher to its end,
// in an environment that is up. Each figure is a median of 20 processes, one after another, with the least and the most
// beside it; compiled modules are kept, as they are for everybody who has run the command before.
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, posix } from "node:path";
import process from "node:process";

const ROUNDS = 20;
const root = join(import.meta.dirname, "..");
const launcher = join(root, "bin/p8e.mjs");
const folder = mkdtempSync(join(tmpdir(), "p8e-bench-start-"));
const data = join(folder, "data");

function milliseconds(args: readonly string[]): readonly number[] {
  const samples: number[] = [];
  for (let round = -1; round < ROUNDS; round++) {
    const start = process.hrtime.bigint();
    const { status, stderr } = spawnSync(process.execPath, args, { cwd: folder, encoding: "utf8" });
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
  // Resolved from here: the processes work in another folder.
  const load = `await import(${JSON.stringify(import.meta.resolve(door))});`;
  const count = `import { registerHooks } from "node:module"; let count = 0;
    registerHooks({ load(url, context, next) { count += 1; return next(url, context); } });
    ${load} console.log(count);`;
  const [evaluate, counted] = [load, count].map((text) => ["--input-type=module", "--eval", text] as const);
  const modules = spawnSync(process.execPath, counted!, { encoding: "utf8" }).stdout.trim();
  row(door, milliseconds(evaluate!), `  ${modules} modules`);
}

/** What a command prints as JSON. */
function told<T>(...args: readonly string[]): T {
  const whole = [launcher, "--data", data, "--json", ...args];
  const { status, stdout, stderr } = spawnSync(process.execPath, whole, { cwd: folder, encoding: "utf8" });
  if (status !== 0) throw new Error(`${args.join(" ")} ended with ${status}: ${stderr}`);
  return JSON.parse(stdout) as T;
}

async function timeCommands(): Promise<void> {
  writeFileSync(join(folder, "ada.json"), '{"name":"Ada"}');
  const up = spawn(process.execPath, [launcher, "--data", data, "--json", "up"], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  try {
    await once(up.stdout, "data");
    const { hash } = told<{ hash: string }>("put", "ada.json", "--store", "lender");
    told("contract", "publish", join(root, "examples/hello/src/contract.ts"), "--as", "lender");
    const execute = ["contract", "execute", "example.hello.Greet", "--as", "lender", "--new-scope", "example.hello"];
    const { scope } = told<{ scope: string }>(...execute, "--input", "person=ada.json");
    const commands: readonly (readonly string[])[] = [
      ["--help"],
      ["party", "list", "--as", "lender"],
      ["inspect", hash, "--store", "lender"],
      ["scope", "show", scope],
      ["account", "show", "--as", "lender"],
      ["get", hash, "--as", "lender"],
    ];
    for (const command of commands) {
      const name = command.filter((word) => /^(--help|[a-z]+)$/.test(word)).slice(0, 2);
      row(`p8e ${name.join(" ")}`, milliseconds([launcher, "--data", data, ...command]));
    }
  } finally {
    const ended = once(up, "exit");
    up.kill("SIGTERM");
    await ended;
  }
}

try {
  console.log("doors");
  for (const door of doors()) timeDoor(door);
  console.log("commands");
  await timeCommands();
} finally {
  rmSync(folder, { recursive: true, force: true });
}
