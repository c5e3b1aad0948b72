import { spawn } from "node:child_process";
import { once } from "node:events";
import process from "node:process";
import type { Readable } from "node:stream";
import { root } from "../../support/sources.ts";

/** How a child process ended. */
export interface ChildEnd {
  /** Null when it was killed: for not ending in time, or by V8 for want of memory. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** What may be given to a child, and what it may take. */
export interface ChildOptions {
  /** V8's heap; the process ends when it needs more. */
  readonly heapMib?: number;
  /** What comes on standard input. */
  readonly input?: Readable;
}

/** Longer than any of the work takes on a busy machine. */
const MILLISECONDS_MAX = 60_000;

/**
 * Runs a module's text in a process of its own, for what could end the process that does it. Imports of it are those of
 * the repository's root.
 */
export async function inChild(code: string, { heapMib = 128, input }: ChildOptions = {}): Promise<ChildEnd> {
  const child = spawn(process.execPath, [`--max-old-space-size=${heapMib}`, "--input-type=module", "-e", code], {
    cwd: root,
    stdio: [input === undefined ? "ignore" : "pipe", "pipe", "pipe"],
    timeout: MILLISECONDS_MAX,
    killSignal: "SIGKILL",
  });
  // The child may stop reading before everything is written.
  child.stdin?.on("error", () => undefined);
  if (child.stdin !== null) input?.pipe(child.stdin);
  let stdout = "";
  let stderr = "";
  child.stdout?.on("data", (chunk: Buffer) => {
    stdout += chunk.toString();
  });
  child.stderr?.on("data", (chunk: Buffer) => {
    stderr += chunk.toString();
  });
  const [ended] = (await once(child, "close")) as [number | null];
  input?.destroy();
  return { code: ended, stdout, stderr };
}

/** The lines that a child says of one piece of work: its value, or the code of its error. */
export const attempt = `
const attempt = async (work) => {
  try { console.log("value " + JSON.stringify(await work())); }
  catch (error) { console.log((error.code ?? "untyped " + error.name) + " " + JSON.stringify(error.facts ?? {})); }
};
`;
