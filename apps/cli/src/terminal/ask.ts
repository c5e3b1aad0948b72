import { createInterface } from "node:readline/promises";
import type { ReadStream } from "node:tty";
import { cancellationOf, P8eError, throwIfCancelled } from "@p8e/core";
import type { Output } from "./screen.ts";

/** What can be asked on: `process.stdin` and `process.stderr`, when a person sits there. */
export interface Terminal {
  readonly input: ReadStream;
  readonly output: Output & NodeJS.WritableStream;
}

const BYTES_MAX = 4096;
const [CTRL_C, CTRL_D, BACKSPACE, NEWLINE, RETURN, CTRL_U, DELETE] = [3, 4, 8, 10, 13, 21, 127];

/**
 * Asks for a line that is not shown while it is typed. The caller wipes it.
 * @throws `rpc.cancelled` on Ctrl-C, and when the signal fires
 */
export async function askHidden(
  { input, output }: Terminal,
  question: string,
  signal: AbortSignal | undefined,
): Promise<Uint8Array> {
  throwIfCancelled(signal);
  const typed = Buffer.alloc(BYTES_MAX);
  let length = 0;
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  let open = true;
  const done = (error?: P8eError) => {
    open = false;
    input.pause();
    if (error === undefined) resolve();
    else reject(error);
  };
  const take = (byte: number) => {
    if (byte === RETURN || byte === NEWLINE || byte === CTRL_D) done();
    else if (byte === CTRL_C) done(new P8eError("rpc.cancelled", "the question was not answered"));
    else if (byte === BACKSPACE || byte === DELETE) length = before(typed, length);
    else if (byte === CTRL_U) length = 0;
    else if (byte >= 0x20 && length < BYTES_MAX) typed[length++] = byte;
  };
  const hear = (chunk: Buffer) => {
    let at = 0;
    while (open && at < chunk.length) take(chunk[at++]!);
    // What was typed ahead belongs to the next question.
    if (at < chunk.length) input.unshift(Buffer.from(chunk.subarray(at)));
    chunk.fill(0);
  };
  const end = () => done();
  const leave = () => done(cancellationOf(signal!));
  // First of all: what is typed as soon as the question is there must not be shown.
  input.setRawMode(true);
  output.write(question);
  input.on("data", hear).on("end", end);
  signal?.addEventListener("abort", leave);
  input.resume();
  try {
    await promise;
    return new Uint8Array(typed.subarray(0, length));
  } finally {
    signal?.removeEventListener("abort", leave);
    input.off("data", hear).off("end", end);
    input.setRawMode(false);
    typed.fill(0);
    output.write("\n");
  }
}

/** Asks once; whatever is not clearly a yes is a no. @throws `rpc.cancelled` */
export async function askYesNo({ input, output }: Terminal, question: string, signal: AbortSignal): Promise<boolean> {
  const lines = createInterface({ input, output, terminal: false });
  try {
    const answer = await lines.question(`${question} [y/N] `, { signal });
    return /^\s*y(es)?\s*$/i.test(answer);
  } catch (error) {
    throw signal.aborted ? cancellationOf(signal) : error;
  } finally {
    lines.close();
  }
}

/** Asks for a line; an empty answer means the usual. @throws `rpc.cancelled` */
export async function askLine(
  { input, output }: Terminal,
  question: string,
  usual: string | undefined,
  signal: AbortSignal,
): Promise<string> {
  const lines = createInterface({ input, output, terminal: false });
  try {
    return (
      await lines.question(usual === undefined ? `${question}: ` : `${question} [${usual}]: `, { signal })
    ).trim();
  } catch (error) {
    throw signal.aborted ? cancellationOf(signal) : error;
  } finally {
    lines.close();
  }
}

/** Where the last character begins: continuation bytes of UTF-8 go with their first. */
function before(bytes: Uint8Array, length: number): number {
  let at = Math.max(0, length - 1);
  while (at > 0 && (bytes[at]! & 0xc0) === 0x80) at--;
  return at;
}
