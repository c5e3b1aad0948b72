// What a person waits for: a command of `p8e` from its launcher to its end, in an environment that is up. Each figure is a
// median of 20 processes, one after another; compiled modules are kept, as they are for everybody who has run the command
// before. The limit is half a second on a quiet machine, so the load is told with it.
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { benchRow, printRows } from "./report.ts";

const ROUNDS = 20;
const LIMIT_MS = 500;
const root = join(import.meta.dirname, "..");
const launcher = join(root, "bin/p8e.mjs");
const json = process.argv.includes("--json");
const folder = mkdtempSync(join(tmpdir(), "p8e-bench-commands-"));
const data = join(folder, "data");

function run(args: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync(process.execPath, [launcher, "--data", data, ...args], {
    cwd: folder,
    encoding: "utf8",
  });
  if (status !== 0) throw new Error(`${args.join(" ")} ended with ${status}: ${stderr}`);
  return stdout;
}

/** What a command prints as JSON. */
function told<T>(...args: readonly string[]): T {
  return JSON.parse(run(["--json", ...args])) as T;
}

function milliseconds(args: readonly string[]): readonly number[] {
  run(args);
  return Array.from({ length: ROUNDS }, () => {
    const start = process.hrtime.bigint();
    run(args);
    return Number(process.hrtime.bigint() - start) / 1e6;
  });
}

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
  const commands: readonly (readonly [name: string, args: readonly string[], limit?: number])[] = [
    ["--help", ["--help"], LIMIT_MS],
    ["status", ["status"], LIMIT_MS],
    ["ls", ["ls", "--as", "lender"], LIMIT_MS],
    ["inspect", ["inspect", hash, "--store", "lender"], LIMIT_MS],
    ["scope show", ["scope", "show", scope], LIMIT_MS],
    ["party list", ["party", "list", "--as", "lender"], LIMIT_MS],
    ["account show", ["account", "show", "--as", "lender"]],
    ["get", ["get", hash, "--as", "lender"]],
    ["verify", ["verify", scope, "--as", "lender"]],
  ];
  const before = loadavg()[0]!;
  const rows = commands.map(([name, args, limit]) => ({
    ...benchRow(`p8e ${name}`, "ms", milliseconds(args)),
    ...(limit === undefined ? {} : { limit }),
  }));
  if (!json) console.log(`load ${before.toFixed(1)} before, ${loadavg()[0]!.toFixed(1)} after`);
  printRows("commands", rows, json);
} finally {
  const ended = once(up, "exit");
  up.kill("SIGTERM");
  await ended;
  rmSync(folder, { recursive: true, force: true });
}
