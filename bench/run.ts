// `npm run bench -- NAME ...`: runs benchmarks from this folder, each in a process of its own; without a name, lists them.
// What begins with a dash, and what follows it, is the benchmarks' own: `--json` prints a document for programs where it is
// known, and nothing else.
import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { machine } from "./report.ts";

const folder = import.meta.dirname;
const names = readdirSync(folder)
  .filter((file) => file.endsWith(".ts") && !["run.ts", "report.ts"].includes(file))
  .map((file) => file.slice(0, -3))
  .sort();
const words = process.argv.slice(2);
const firstOption = words.findIndex((word) => word.startsWith("-"));
const wanted = firstOption < 0 ? words : words.slice(0, firstOption);
const options = firstOption < 0 ? [] : words.slice(firstOption);
const unknown = wanted.filter((name) => !names.includes(name) && name !== "all");
if (wanted.length === 0 || unknown.length > 0) {
  if (unknown.length > 0) process.stderr.write(`no such benchmark: ${unknown.join(", ")}\n`);
  process.stdout.write(`usage: npm run bench -- NAME ... | all\n${names.map((name) => `  ${name}\n`).join("")}`);
  process.exit(unknown.length > 0 ? 2 : 0);
}
const forPeople = !options.includes("--json");
if (forPeople) process.stdout.write(`${machine}\n`);
for (const name of wanted.includes("all") ? names : wanted) {
  if (forPeople) process.stdout.write(`\n== ${name}\n`);
  const { status } = spawnSync(
    process.execPath,
    ["--disable-warning=ExperimentalWarning", join(folder, `${name}.ts`), ...options],
    {
      stdio: "inherit",
    },
  );
  if (status !== 0) process.exitCode = 1;
}
