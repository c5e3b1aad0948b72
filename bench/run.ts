// `npm run bench -- NAME ...`: runs benchmarks from this folder, each in a process of its own; without a name, lists them.
import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { cpus, totalmem } from "node:os";
import { join } from "node:path";
import process from "node:process";

const folder = import.meta.dirname;
const names = readdirSync(folder)
  .filter((file) => file.endsWith(".ts") && file !== "run.ts")
  .map((file) => file.slice(0, -3))
  .sort();
const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !names.includes(name) && name !== "all");
if (wanted.length === 0 || unknown.length > 0) {
  if (unknown.length > 0) process.stderr.write(`no such benchmark: ${unknown.join(", ")}\n`);
  process.stdout.write(`usage: npm run bench -- NAME ... | all\n${names.map((name) => `  ${name}\n`).join("")}`);
  process.exit(unknown.length > 0 ? 2 : 0);
}
process.stdout.write(
  `${cpus().length} x ${cpus()[0]?.model.trim() ?? "unknown processor"}, ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.version}\n`,
);
for (const name of wanted.includes("all") ? names : wanted) {
  process.stdout.write(`\n== ${name}\n`);
  const { status } = spawnSync(
    process.execPath,
    ["--disable-warning=ExperimentalWarning", join(folder, `${name}.ts`)],
    {
      stdio: "inherit",
    },
  );
  if (status !== 0) process.exitCode = 1;
}
