// What a test run shows: progress while it lasts, every failure whole, and a screenful when all is well.

import { relative } from "node:path";
import process from "node:process";
import type { TestEvent } from "node:test/reporters";
import { inspect } from "node:util";

/** A failing file's own output is shown up to this size; its end matters most. */
const OUTPUT_CHARS_MAX = 20_000;
const PROGRESS_MS = 30_000;

interface FileRun {
  output: string;
  durationMs: number;
  failed: boolean;
}

export interface ReportOptions {
  readonly root: string;
  /** How many files run. */
  readonly files: number;
  /** How many of them one process has run: that of this path. */
  readonly filesIn: (path: string) => number;
  /** How many of them are named as those that took longest. */
  readonly longest: number;
  /** What this run leaves to other commands, a phrase each. */
  readonly left: readonly string[];
}

/** Prints a run of node:test as it happens. True when every test passed and at least one ran. */
export async function reportTests(stream: AsyncIterable<TestEvent>, options: ReportOptions): Promise<boolean> {
  const started = performance.now();
  const runs = new Map<string, FileRun>();
  const skips = new Set<string>();
  const seeds: string[] = [];
  const timed: string[] = [];
  const counts = { passed: 0, failed: 0, skipped: 0 };
  let finished = 0;
  const name = (file: string | undefined) => (file === undefined ? "(no file)" : relative(options.root, file));
  const runOf = (file: string | undefined): FileRun => {
    const key = name(file);
    const run = runs.get(key) ?? { output: "", durationMs: 0, failed: false };
    runs.set(key, run);
    return run;
  };
  const progress = () => `${finished} of ${options.files} files, ${counts.passed} passed, ${counts.failed} failed`;
  const terminal = process.stdout.isTTY === true;
  const clear = () => {
    if (terminal) process.stdout.write("\r\u001b[2K");
  };
  const showOutput = (file: string, run: FileRun) => {
    if (run.output === "") return;
    clear();
    process.stdout.write(`\n  what ${file} printed:\n${indent(run.output.trimEnd())}\n`);
    run.output = "";
  };
  const timer = setInterval(
    () => process.stdout.write(terminal ? `\r\u001b[2K${progress()}` : `${progress()}\n`),
    terminal ? 500 : PROGRESS_MS,
  );

  for await (const event of stream) {
    switch (event.type) {
      case "test:stdout":
      case "test:stderr": {
        const { file, message } = event.data;
        const run = runOf(file);
        run.output = (run.output + message).slice(-OUTPUT_CHARS_MAX);
        for (const [line] of message.matchAll(/^skipped: .*$/gm)) skips.add(line);
        break;
      }
      case "test:diagnostic":
        if (event.data.message.startsWith("timed: ")) timed.push(event.data.message);
        if (/^seed \d+$/.test(event.data.message)) seeds.push(`${name(event.data.file)} ${event.data.message}`);
        break;
      case "test:pass":
        if (event.data.details.type === "suite") break;
        if (event.data.skip !== undefined && event.data.skip !== false) {
          counts.skipped++;
          if (typeof event.data.skip === "string") skips.add(`skipped: ${event.data.name}: ${event.data.skip}`);
        } else counts.passed++;
        break;
      case "test:fail": {
        const { file, details, line } = event.data;
        const failure = details.error as Error & { failureType?: string; cause?: unknown };
        runOf(file).failed = true;
        // A parent fails because a child did: the child says why.
        if (failure.failureType === "subtestsFailed") break;
        counts.failed++;
        clear();
        process.stdout.write(`\n✖ ${name(file)}${line === undefined ? "" : `:${line}`} ${event.data.name}\n`);
        process.stdout.write(`${indent(inspect(failure.cause ?? failure, { depth: 6 }))}\n`);
        break;
      }
      case "test:summary": {
        const { file, duration_ms, success } = event.data;
        if (file === undefined) break;
        finished += options.filesIn(file);
        const run = runOf(file);
        // What several files printed is shown when any of them fails.
        if (options.filesIn(file) > 1) run.failed ||= !success;
        run.durationMs = duration_ms;
        if (run.failed) showOutput(name(file), run);
        run.output = "";
        break;
      }
    }
  }
  clearInterval(timer);
  clear();
  // A file that fails before its first test has no summary of its own.
  for (const [file, run] of runs) if (run.failed) showOutput(file, run);

  for (const line of [...skips].sort()) process.stdout.write(`${line}\n`);
  for (const line of timed) process.stdout.write(`${line}\n`);
  for (const line of seeds) process.stdout.write(`drawn: ${line}\n`);
  const slowest = [...runs].sort(([, a], [, b]) => b.durationMs - a.durationMs).slice(0, options.longest);
  process.stdout.write(
    `longest: ${slowest.map(([file, { durationMs }]) => `${file} ${seconds(durationMs)}`).join(", ")}\n`,
  );
  for (const phrase of options.left) process.stdout.write(`left: ${phrase}\n`);
  const failing = [...runs].filter(([, run]) => run.failed).map(([file]) => file);
  if (failing.length > 0) process.stdout.write(`failing: ${failing.join(", ")}\n`);
  process.stdout.write(`${finished} files in ${seconds(performance.now() - started)}\n`);
  process.stdout.write(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped\n`);
  return counts.failed === 0 && failing.length === 0 && counts.passed > 0;
}

function indent(text: string): string {
  return text.replaceAll(/^/gm, "    ");
}

function seconds(ms: number): string {
  return ms < 60_000
    ? `${(ms / 1000).toFixed(1)} s`
    : `${Math.floor(ms / 60_000)} min ${Math.round((ms % 60_000) / 1000)} s`;
}
