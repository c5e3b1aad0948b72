import { spawn } from "node:child_process";
import { readdir } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import process from "node:process";
import { P8eError } from "@p8e/core";

/** How much of what failing tests say is kept. */
const OUTPUT_CHARACTERS_MAX = 20_000;

/** The tests of a contract: `*.test.ts` beside it, and in the `test` folder of the package it is in; not the long ones. */
export async function testsOf(file: string): Promise<readonly string[]> {
  const folders = [dirname(file)];
  const root = await packageOf(dirname(file));
  if (root !== undefined) folders.push(join(root, "test"));
  const found: string[] = [];
  for (const folder of new Set(folders)) {
    const names = await readdir(folder).catch(() => []);
    const tests = names.filter((name) => /^[^.]+\.test\.[mc]?[jt]s$/.test(name));
    found.push(...tests.map((name) => join(folder, name)));
  }
  return found.sort();
}

/** The nearest folder upwards that is a package. */
export async function packageOf(folder: string): Promise<string | undefined> {
  for (let at = folder; ; at = dirname(at)) {
    const names = await readdir(at).catch((): string[] => []);
    if (names.includes("package.json")) return at;
    if (dirname(at) === at) return undefined;
  }
}

/**
 * Runs tests in one process of their own, with node:test.
 * @throws `process.failed` with what they said, when one failed; `rpc.cancelled`
 */
export async function runTests(files: readonly string[], signal: AbortSignal): Promise<void> {
  // A test runner that runs this command has told it so, which would make the tests report to it.
  const { NODE_TEST_CONTEXT: _outer, ...env } = process.env;
  const args = ["--test", "--test-isolation=none", "--test-reporter=spec", ...files];
  const child = spawn(process.execPath, args, {
    stdio: ["ignore", "pipe", "pipe"],
    env,
    signal,
    killSignal: "SIGTERM",
  });
  let said = "";
  const keep = (text: Buffer) => {
    said = (said + text.toString("utf8")).slice(-OUTPUT_CHARACTERS_MAX);
  };
  child.stdout.on("data", keep);
  child.stderr.on("data", keep);
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on("error", (cause) => {
      if (signal.aborted) return;
      reject(new P8eError("process.failed", "the tests could not be started", { cause }));
    });
    child.on("close", resolve);
  });
  if (signal.aborted) throw new P8eError("rpc.cancelled", "the tests were stopped before they were done");
  if (code === 0) return;
  throw new P8eError("process.failed", "a test failed", {
    facts: { files: files.map((file) => basename(file)), said: failures(said) },
  });
}

/** What the reporter says of failures stands at its end. */
function failures(said: string): string {
  const at = said.lastIndexOf("failing tests:");
  return (at < 0 ? said : said.slice(at)).trim();
}
