// Generates TypeScript from the .proto files: packages/proto, and every examples/* and packages/*/test/proto that
// has a buf.gen.yaml. With --check nothing is written and every difference from what is committed is an error.
// Folders may be named to do only those, docs/api among them (api-pages.ts). Without names what contracts are built with
// is done too (guest-runtime.ts).
import { spawnSync } from "node:child_process";
import { existsSync, globSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { delimiter, dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { apiFolder, apiPages, staleApiPages, writeApiPages } from "./api-pages.ts";
import { guestRuntimeFile, guestRuntimeText, writeGuestRuntime } from "./guest-runtime.ts";

const root = dirname(import.meta.dirname);

/** The folders that have something to generate, relative to the root, sorted. */
export function generatedFolders(): string[] {
  const patterns = ["packages/proto", "examples/*", "packages/*/test/proto"];
  return globSync(
    patterns.map((pattern) => `${pattern}/buf.gen.yaml`),
    { cwd: root },
  )
    .map(dirname)
    .sort();
}

/** Runs buf in a folder; what it writes lands in `into`. */
function runBuf(folder: string, into: string): void {
  const launcher = createRequire(import.meta.url).resolve("@bufbuild/buf/bin/buf");
  // buf finds the plugin, and the plugin its Node.js, by PATH.
  const path = [join(root, "node_modules/.bin"), dirname(process.execPath), process.env.PATH].join(delimiter);
  const done = spawnSync(process.execPath, [launcher, "generate", "--output", into], {
    cwd: join(root, folder),
    env: { ...process.env, PATH: path },
    encoding: "utf8",
  });
  if (done.error || done.status !== 0) {
    throw new Error(`buf generate failed in ${folder}: ${done.error?.message ?? done.stderr}`);
  }
}

/** The folders that buf.gen.yaml writes into, relative to it. */
function outputsOf(folder: string): string[] {
  const text = readFileSync(join(root, folder, "buf.gen.yaml"), "utf8");
  return [...text.matchAll(/^\s*(?:- )?out:\s*(\S+)\s*$/gm)].map((match) => match[1] ?? "");
}

function filesIn(folder: string): string[] {
  return existsSync(folder) ? globSync("**/*.ts", { cwd: folder }).sort() : [];
}

/** What differs between the committed output of a folder and what its .proto files give now; empty when up to date. */
export function differences(folder: string): string[] {
  const temporary = mkdtempSync(join(tmpdir(), "p8e-generate-"));
  try {
    runBuf(folder, temporary);
    const found: string[] = [];
    for (const out of outputsOf(folder)) {
      const committed = join(root, folder, out);
      const fresh = join(temporary, out);
      for (const file of new Set([...filesIn(committed), ...filesIn(fresh)])) {
        const shown = relative(root, join(committed, file));
        if (!existsSync(join(committed, file))) found.push(`${shown} is missing`);
        else if (!existsSync(join(fresh, file))) found.push(`${shown} belongs to no .proto file`);
        else if (!readFileSync(join(committed, file)).equals(readFileSync(join(fresh, file)))) {
          found.push(`${shown} is out of date`);
        }
      }
    }
    return found;
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
}

async function guestRuntime(check: boolean): Promise<void> {
  if (!check) return writeGuestRuntime();
  if (readFileSync(join(root, guestRuntimeFile), "utf8") === (await guestRuntimeText())) return;
  process.stderr.write(`${guestRuntimeFile} is not what its sources make\n`);
  process.exitCode = 1;
}

function apiReference(check: boolean): void {
  if (!check) {
    writeApiPages();
    process.stdout.write(`generated ${apiFolder}\n`);
    return;
  }
  for (const file of staleApiPages(apiPages())) {
    process.stderr.write(`${apiFolder}/${file} is not what the code says\n`);
    process.exitCode = 1;
  }
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({ options: { check: { type: "boolean" } }, allowPositionals: true });
  const folders =
    positionals.length > 0 ? positionals.map((path) => relative(root, resolve(path))) : generatedFolders();
  for (const folder of folders.filter((each) => each !== apiFolder)) {
    if (!values.check) {
      runBuf(folder, join(root, folder));
      process.stdout.write(`generated ${folder}\n`);
      continue;
    }
    const found = differences(folder);
    for (const line of found) process.stderr.write(`${line}\n`);
    if (found.length > 0) process.exitCode = 1;
  }
  if (positionals.length === 0) await guestRuntime(values.check ?? false);
  if (positionals.length === 0 || folders.includes(apiFolder)) apiReference(values.check ?? false);
  if (process.exitCode === 1) process.stderr.write("run: npm run generate\n");
}

if (process.argv[1] !== undefined && resolve(process.argv[1]) === fileURLToPath(import.meta.url)) await main();
