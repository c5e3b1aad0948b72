import { spawn } from "node:child_process";
import { once } from "node:events";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { hostileFiles } from "./hostile-file.ts";
import type { HostileEnd } from "./run-hostile-file.ts";

/** Under what the corpus is run. */
export interface CorpusRun {
  readonly name: string;
  /** What starts Node.js, and its arguments; this Node.js unless given. */
  readonly command?: readonly string[];
  readonly flags?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Processes that only take time from the run while it lasts. */
  readonly busy?: number;
}

/** Runs that must be equal: time zone and language of the machine, its load, and the compilers of WebAssembly. */
export const corpusRuns: readonly CorpusRun[] = [
  { name: "as it is", env: { TZ: "UTC", LC_ALL: "C" } },
  {
    name: "another time zone and language, a busy machine",
    env: { TZ: "Pacific/Apia", LC_ALL: "tr_TR.UTF-8", LANG: "tr_TR.UTF-8", LANGUAGE: "tr" },
    busy: 2,
  },
  { name: "V8's baseline compiler alone", flags: ["--liftoff", "--no-wasm-tier-up"] },
  { name: "V8's optimizing compiler alone", flags: ["--no-liftoff"] },
];

const script = fileURLToPath(new URL("run-corpus.ts", import.meta.url));

/** How each file ends in a process of its own. @param share of `run-corpus.ts`; all without it */
export async function runCorpus(run: CorpusRun, share?: string): Promise<ReadonlyMap<string, HostileEnd>> {
  const { command = [process.execPath], flags = [], env = {}, busy = 0 } = run;
  const [program, ...args] = command;
  const others = Array.from({ length: busy }, () => spawn(process.execPath, ["-e", "for (;;);"], { stdio: "ignore" }));
  try {
    const child = spawn(program!, [...args, ...flags, script, ...(share === undefined ? [] : [share])], {
      env: { ...process.env, ...env },
      stdio: ["ignore", "pipe", "inherit"],
    });
    let lines = "";
    child.stdout.on("data", (chunk: Buffer) => {
      lines += chunk.toString();
    });
    const [code] = (await once(child, "close")) as [number | null];
    if (code !== 0) throw new Error(`the corpus ended with ${code}: ${run.name}`);
    const ends = lines.split("\n").filter((line) => line !== "");
    return new Map(ends.map((line) => JSON.parse(line) as HostileEnd).map((end) => [end.name, end]));
  } finally {
    for (const other of others) other.kill("SIGKILL");
  }
}

/**
 * Where the interpreter answers otherwise than its language would have it, equally for everybody. Each is harmless, and
 * named here until an interpreter mends it.
 */
export const otherwise: Readonly<Record<string, { readonly outcome: string; readonly why: string }>> = {
  "parser/function-body-injection": {
    outcome: "passes undefined",
    why: "QuickJS-ng joins parameters and body before it parses them; what gets out of the body is still the contract's",
  },
  "parser/function-parameter-injection": {
    outcome: "passes 1",
    why: "QuickJS-ng joins parameters and body before it parses them; what a comment hides is still the contract's",
  },
};

/** What each file is expected to give, in the form that {@link endings} has. */
export function expectations(names: Iterable<string>): readonly string[] {
  const files = new Map(hostileFiles().map((file) => [file.name, file]));
  return [...names].map((name) => `${name}: ${otherwise[name]?.outcome ?? files.get(name)!.expected}`);
}

/** How each file ended, without what it was charged. */
export function endings(ends: ReadonlyMap<string, HostileEnd>): readonly string[] {
  return [...ends].map(([name, { outcome }]) => `${name}: ${outcome}`);
}
