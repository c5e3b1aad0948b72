// Fuzzes one door in this process, and tells what it sees on standard output, a line of JSON each. The input that is at work
// stands in a file, for who sees this process end. Arguments: door, a Fuzzing as JSON; or door, "replay",
// file of one input, whose time is told, measured without coverage.
import { openSync, readdirSync, readFileSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { isP8eError } from "@p8e/core";
import { Coverage } from "./coverage.ts";
import type { Door, DoorModule } from "./door.ts";
import { inputName } from "./input-name.ts";
import { mutated } from "./mutate.ts";
import { Random } from "./random.ts";

/** How long inputs are taken between two questions for coverage, which cost some twenty milliseconds each. */
const BATCH_MS = 100;
const BATCH_MAX = 500;
/** Of the inputs that led to others. */
const KEPT_BYTES_MAX = 2048;
const CORPUS_MAX = 4000;
const REPORT_MS = 2_000;

const [name = "", ...args] = process.argv.slice(2);
const { openDoor } = (await import(`./doors/${name}.ts`)) as DoorModule;

function tell(line: object): void {
  writeSync(1, `${JSON.stringify(line)}\n`);
}

/** What is wrong with how an input was taken, and how long it held this thread. */
async function tried(door: Door, input: Uint8Array): Promise<{ readonly wrong?: string; readonly ms: number }> {
  const before = process.threadCpuUsage();
  let wrong: string | undefined;
  try {
    await door.run(input);
  } catch (error) {
    if (!isP8eError(error)) wrong = error instanceof Error ? (error.stack ?? error.message) : `threw ${typeof error}`;
    else if (error.code === "internal.unexpected") wrong = `internal.unexpected: ${error.message}`;
  }
  const { user, system } = process.threadCpuUsage(before);
  const ms = (user + system) / 1000;
  return wrong === undefined ? { ms } : { wrong: wrong.slice(0, 2000), ms };
}

async function replay(file: string): Promise<void> {
  await using door = await openDoor();
  const input = readFileSync(file);
  const runs = [await tried(door, input), await tried(door, input), await tried(door, input)];
  tell({
    kind: "replayed",
    wrong: runs.find(({ wrong }) => wrong !== undefined)?.wrong,
    ms: Math.min(...runs.map(({ ms }) => ms)),
  });
}

interface Fuzzing {
  readonly seconds: number;
  readonly seed: number;
  /** Of the input at work. */
  readonly currentFile: string;
  /** Inputs that are tried first. */
  readonly folder: string;
  /** An input that holds the thread for longer is a finding. */
  readonly delayMaxMs: number;
  /** How many of the inputs that went where none was before go into the folder at the end. */
  readonly keep: number;
}

async function fuzz({ seconds, seed, currentFile, folder, delayMaxMs, keep }: Fuzzing): Promise<void> {
  const current = openSync(currentFile, "w");
  const remember = (input: Uint8Array): void => {
    const head = Buffer.alloc(4);
    head.writeUInt32LE(input.length);
    writeSync(current, Buffer.concat([head, input]), 0, head.length + input.length, 0);
  };
  await using door = await openDoor();
  const coverage = new Coverage();
  const random = new Random(seed);
  const kept = readdirSync(folder).map((file) => new Uint8Array(readFileSync(join(folder, file))));
  const corpus: Uint8Array[] = [new Uint8Array(0)];
  const until = performance.now() + seconds * 1000;
  let told = performance.now();
  let [runs, longestMs] = [0, 0];

  const attempt = async (input: Uint8Array): Promise<void> => {
    remember(input);
    runs++;
    let { wrong, ms } = await tried(door, input);
    if (ms > delayMaxMs) ms = Math.min(ms, (await tried(door, input)).ms);
    longestMs = Math.max(longestMs, ms);
    if (wrong !== undefined || ms > delayMaxMs) {
      const file = `${currentFile}-${runs}`;
      writeFileSync(file, input);
      tell({ kind: "finding", wrong: wrong ?? `held the thread for ${Math.round(ms)} ms`, file });
    }
    if (performance.now() - told < REPORT_MS) return;
    told = performance.now();
    tell({ kind: "state", runs, edges: coverage.edges, corpus: corpus.length, longestMs });
  };

  /** Keeps the inputs that went where none was before: by halves, run again. */
  const attribute = async (inputs: readonly Uint8Array[], fresh: ReadonlySet<string>): Promise<void> => {
    if (fresh.size === 0 || performance.now() > until) return;
    for (const input of inputs) await attempt(input);
    const own = coverage.among(fresh);
    if (own.size === 0) return;
    if (inputs.length > 1) {
      const middle = inputs.length >> 1;
      await attribute(inputs.slice(0, middle), own);
      await attribute(inputs.slice(middle), own);
    } else if (corpus.length < CORPUS_MAX) corpus.push(...inputs);
    else corpus[random.below(CORPUS_MAX)] = inputs[0]!;
  };

  coverage.take();
  for (const input of [...door.seeds, ...kept]) {
    await attempt(input);
    if (coverage.take().size > 0) corpus.push(input);
  }
  const given = corpus.length;
  while (performance.now() < until) {
    const batch: Uint8Array[] = [];
    const batchUntil = Math.min(until, performance.now() + BATCH_MS);
    while (batch.length < BATCH_MAX && performance.now() < batchUntil) {
      const made =
        door.generate !== undefined && random.oneIn(3) ? door.generate(random) : mutated(random, corpus, door);
      const input = made.subarray(0, door.bytesMax);
      batch.push(input);
      await attempt(input);
    }
    await attribute(batch, coverage.take());
  }
  const small = corpus.slice(given).filter(({ length }) => length > 0 && length <= KEPT_BYTES_MAX);
  for (let index = 0; index < Math.min(keep, small.length); index++) {
    const input = small[Math.floor((index * small.length) / Math.min(keep, small.length))]!;
    writeFileSync(join(folder, inputName(input)), input);
  }
  tell({
    kind: "state",
    runs,
    edges: coverage.edges,
    corpus: corpus.length,
    longestMs,
    rssMib: Math.round(process.resourceUsage().maxRSS / 1024),
  });
}

if (args[0] === "replay") await replay(args[1]!);
else await fuzz(JSON.parse(args[0]!) as Fuzzing);
process.exit(0);
