// Fuzzes the doors by which bytes come in from outside, each in a process of its own with a small heap: `npm run fuzz`.
// An input that ends the process, is answered by an error without a code, or holds its thread for too long is a finding: it
// is made smaller, kept in vectors/fuzz and named, and the command ends with 1. docs/protocol/fuzzing.md says more.
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { concatBytes } from "@p8e/core";
import { inputName } from "./input-name.ts";
import { openStoreDatabase, STORE_DATABASE } from "./store-database.ts";

interface DoorLimits {
  readonly heapMib: number;
  /** Where an input may hold the thread for longer than elsewhere. */
  readonly delayMs?: number;
}

/** What is made of types is made on the main thread in several steps, all of which count here together. */
const OF_TYPES_MS = 1500;

const doors = {
  envelope: { heapMib: 128 },
  evidence: { heapMib: 160 },
  verify: { heapMib: 256, delayMs: OF_TYPES_MS },
  mail: { heapMib: 192 },
  answers: { heapMib: 192 },
  "bundle-header": { heapMib: 128 },
  description: { heapMib: 256, delayMs: OF_TYPES_MS },
  types: { heapMib: 256, delayMs: OF_TYPES_MS },
  "input-json": { heapMib: 192 },
  "input-binary": { heapMib: 192 },
  output: { heapMib: 256 },
  card: { heapMib: 128 },
  profile: { heapMib: 128 },
  configuration: { heapMib: 128 },
  transaction: { heapMib: 256, delayMs: OF_TYPES_MS },
  tape: { heapMib: 192 },
  "file-name": { heapMib: 128 },
  ledger: { heapMib: 256 },
  store: { heapMib: 256 },
  rpc: { heapMib: 128 },
  contract: { heapMib: 256 },
} as const satisfies Readonly<Record<string, DoorLimits>>;
type DoorName = keyof typeof doors;

/** An input on which nothing is heard for so long has stopped the process. */
const SILENCE_MS = 60_000;
const SMALLER_TRIES = 60;
const FINDINGS_MAX = 20;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    minutes: { type: "string", default: "60" },
    seed: { type: "string" },
    /** An input that holds its thread for longer, in milliseconds, is a finding. */
    "delay-max": { type: "string", default: "200" },
    /** How many of the inputs that went where none was before are kept for each door, to begin with from then on. */
    keep: { type: "string", default: "0" },
    /** Ends at the first finding. */
    first: { type: "boolean", default: false },
  },
});

/** An input that holds its thread for longer is a finding. */
function delayMaxOf(door: DoorName): number {
  const { delayMs = 0 }: DoorLimits = doors[door];
  return Math.max(delayMs, Number(values["delay-max"]));
}

const root = fileURLToPath(new URL("../", import.meta.url));
const script = fileURLToPath(new URL("fuzz-door.ts", import.meta.url));
const work = mkdtempSync(join(tmpdir(), "p8e-fuzz-"));

interface State {
  readonly runs: number;
  readonly edges: number;
  readonly corpus: number;
  readonly longestMs: number;
  readonly rssMib?: number;
}

interface Finding {
  readonly door: DoorName;
  readonly wrong: string;
  readonly input: Uint8Array;
}

const interrupted = new AbortController();
/** What is to end with this process. */
const running = new Set<ChildProcess>();
let database: string | undefined;

/** What a process said and how it ended. */
interface Ended {
  readonly code: number | null;
  readonly state: State | undefined;
  /** Files of inputs. */
  readonly found: readonly string[];
  readonly error: string;
  readonly replayed: { readonly wrong?: string; readonly ms: number } | undefined;
}

async function inProcess(door: DoorName, args: readonly string[]): Promise<Ended> {
  const flags = [`--max-old-space-size=${doors[door].heapMib}`, "--stack-size=900"];
  const child = spawn(process.execPath, [...flags, script, door, ...args], {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, TMPDIR: work, ...(door === "store" ? { [STORE_DATABASE]: database } : {}) },
  });
  running.add(child);
  const found: string[] = [];
  let state: State | undefined;
  let replayed: Ended["replayed"];
  let error = "";
  const kill = () => child.kill("SIGKILL");
  let silence = setTimeout(kill, SILENCE_MS);
  child.stderr.on("data", (chunk: Buffer) => {
    error = (error + chunk.toString()).slice(-4000);
  });
  const lines = createInterface(child.stdout);
  lines.on("line", (line) => {
    clearTimeout(silence);
    silence = setTimeout(kill, SILENCE_MS);
    const said = JSON.parse(line) as { kind: string } & State & { wrong: string; file: string; ms: number };
    if (said.kind === "state") state = said;
    if (said.kind === "replayed") replayed = said;
    if (said.kind !== "finding") return;
    found.push(said.file);
    if (values.first || found.length >= FINDINGS_MAX) kill();
  });
  const code = await new Promise<number | null>((resolve) => child.on("close", resolve));
  clearTimeout(silence);
  running.delete(child);
  return { code, state, found, error, replayed };
}

/** What is wrong with an input when it is taken alone; undefined if nothing is. */
async function wrongOf(door: DoorName, input: Uint8Array): Promise<string | undefined> {
  const file = join(work, "replay");
  writeFileSync(file, input);
  const { code, replayed, error } = await inProcess(door, ["replay", file]);
  if (code !== 0 || replayed === undefined)
    return `ended the process (${code}): ${error.split("\n").find((line) => /FATAL|Error/.test(line)) ?? ""}`;
  if (replayed.wrong !== undefined) return replayed.wrong;
  return replayed.ms > delayMaxOf(door) ? `held the thread for ${Math.round(replayed.ms)} ms` : undefined;
}

/** The same finding in fewer bytes: pieces are taken out for as long as it stays one. */
async function smaller(door: DoorName, input: Uint8Array): Promise<Uint8Array> {
  let best = input;
  let tries = 0;
  for (let piece = best.length >> 1; piece >= 1 && tries < SMALLER_TRIES; piece >>= 1) {
    for (let at = 0; at < best.length && tries < SMALLER_TRIES; ) {
      const shorter: Uint8Array = concatBytes(best.subarray(0, at), best.subarray(at + piece));
      tries++;
      if ((await wrongOf(door, shorter)) === undefined) at += piece;
      else best = shorter;
    }
  }
  return best;
}

interface Fuzzed {
  readonly state: State | undefined;
  readonly findings: readonly Finding[];
}

async function fuzzed(door: DoorName, seconds: number, seed: number): Promise<Fuzzed> {
  const folder = join(root, "vectors", "fuzz", door);
  mkdirSync(folder, { recursive: true });
  const findings = new Map<string, Finding>();
  const until = performance.now() + seconds * 1000;
  let state: State | undefined;
  for (let round = 0; ; round++) {
    const left = Math.ceil((until - performance.now()) / 1000);
    if (left <= 0 || findings.size >= FINDINGS_MAX || interrupted.signal.aborted) break;
    const current = join(work, `${door}-current`);
    const ended = await inProcess(door, [
      JSON.stringify({
        seconds: left,
        seed: seed + round,
        currentFile: current,
        folder,
        delayMaxMs: delayMaxOf(door),
        keep: Number(values.keep),
      }),
    ]);
    state = joined(state, ended.state);
    if (interrupted.signal.aborted) break;
    const candidates: Uint8Array[] = ended.found.map((file) => new Uint8Array(readFileSync(file)));
    const hasEnded = ended.code !== 0 && ended.found.length === 0;
    if (hasEnded) candidates.push(rememberedIn(current, ended.error));
    for (const candidate of candidates) {
      const alone = await wrongOf(door, candidate);
      const wrong =
        alone ?? (hasEnded ? `ended the process, though not when it came alone: ${ended.error.trim()}` : undefined);
      const kind = wrong?.replaceAll(/\d+/g, "0").split("\n")[0];
      if (wrong === undefined || kind === undefined || findings.has(kind)) continue;
      const input = values.first || alone === undefined ? candidate : await smaller(door, candidate);
      findings.set(kind, { door, wrong, input });
      say(`${door}: FOUND ${wrong.split("\n").slice(0, 4).join(" | ")} (${input.length} bytes)`);
    }
    if (values.first && findings.size > 0) break;
  }
  // Only now: an input that ends the process would end each further one.
  for (const { input } of findings.values()) {
    writeFileSync(join(folder, inputName(input)), input);
  }
  return { state, findings: [...findings.values()] };
}

function rememberedIn(file: string, error: string): Uint8Array {
  const bytes = existsSync(file) ? readFileSync(file) : Buffer.alloc(0);
  if (bytes.length < 4) throw new Error(`the fuzzing itself ended: ${error}`);
  return bytes.subarray(4, 4 + bytes.readUInt32LE(0));
}

function joined(before: State | undefined, after: State | undefined): State | undefined {
  if (before === undefined || after === undefined) return after ?? before;
  return {
    runs: before.runs + after.runs,
    edges: Math.max(before.edges, after.edges),
    corpus: Math.max(before.corpus, after.corpus),
    longestMs: Math.max(before.longestMs, after.longestMs),
    rssMib: Math.max(before.rssMib ?? 0, after.rssMib ?? 0),
  };
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

const chosen = (positionals.length === 0 ? Object.keys(doors) : positionals) as readonly DoorName[];
const unknown = chosen.filter((name) => !(name in doors));
if (unknown.length > 0) {
  process.stderr.write(`no such door: ${unknown.join(", ")}; there are ${Object.keys(doors).join(", ")}\n`);
  process.exit(2);
}
const seed = values.seed === undefined ? Date.now() % 2 ** 31 : Number(values.seed);
const seconds = (Number(values.minutes) * 60) / chosen.length;
say(`fuzzing ${chosen.length} doors for ${Math.round(seconds)} s each, seed ${seed}`);
let total = 0;
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  process.once(signal, () => {
    interrupted.abort();
    for (const child of running) child.kill("SIGKILL");
  });
}
const store = chosen.includes("store") ? await openStoreDatabase(work) : undefined;
if (store !== undefined) {
  const { host, port, name, password } = store;
  database = JSON.stringify({ host, port, name, password });
}
try {
  for (const door of chosen) {
    const { state, findings } = await fuzzed(door, seconds, seed);
    total += findings.length;
    const { runs = 0, edges = 0, longestMs = 0, rssMib = 0 } = state ?? {};
    say(
      `${door.padEnd(14)} ${runs} inputs, ${edges} edges, longest ${Math.round(longestMs)} ms of the thread, ${rssMib} MiB at most, ${findings.length} findings`,
    );
    if (interrupted.signal.aborted || (values.first && total > 0)) break;
  }
} finally {
  await store?.postgres[Symbol.asyncDispose]();
  rmSync(work, { recursive: true, force: true });
}
process.exit(total === 0 && !interrupted.signal.aborted ? 0 : 1);
