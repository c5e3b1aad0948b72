import { open } from "node:fs";
import { stat } from "node:fs/promises";
import { Socket } from "node:net";
import process from "node:process";
import { promisify } from "node:util";
import { P8eError, throwIfCancelled } from "@p8e/core";
import { OPEN_WITHOUT_WAITING, readRegularFile } from "@p8e/machine";

/** How a file is read. */
export interface FileReading {
  /** Of more than this no more than one piece is read. */
  readonly bytesMax: number;
  readonly hint?: string;
  readonly signal?: AbortSignal | undefined;
}

/**
 * The bytes of a file, of a pipe that has a name, or, for `-`, of standard input.
 * @throws `input.invalid` for what cannot be read or is something else, `input.too_large`, `rpc.cancelled`
 */
export async function readFile(file: string, { bytesMax, hint, signal }: FileReading): Promise<Uint8Array> {
  throwIfCancelled(signal);
  try {
    if (file === "-") return await readStream(process.stdin, file, bytesMax, signal);
    const kind = await stat(file).catch(() => undefined);
    return kind?.isFIFO() ? await readPipe(file, bytesMax, signal) : await readRegularFile(file, bytesMax);
  } catch (thrown) {
    const error = P8eError.from(thrown, "input.invalid");
    if (error.code !== "input.invalid" || hint === undefined) throw error;
    throw new P8eError("input.invalid", error.message, { facts: error.facts, cause: error.cause, hint });
  }
}

/** Read by events: a read that blocks, or an open that waits for a writer, could not be given up. */
async function readPipe(file: string, bytesMax: number, signal: AbortSignal | undefined): Promise<Uint8Array> {
  const fd = await promisify(open)(file, OPEN_WITHOUT_WAITING);
  return await readStream(new Socket({ fd, readable: true, writable: false }), file, bytesMax, signal);
}

async function readStream(
  stream: NodeJS.ReadableStream & { destroy(): unknown },
  file: string,
  bytesMax: number,
  signal: AbortSignal | undefined,
): Promise<Uint8Array> {
  const chunks: Buffer[] = [];
  let length = 0;
  const stop = () => stream.destroy();
  signal?.addEventListener("abort", stop);
  try {
    // It may have come while the file was opened, and is not told again.
    throwIfCancelled(signal);
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      length += chunk.length;
      if (length > bytesMax) {
        throw new P8eError(
          "input.too_large",
          `${file === "-" ? "standard input" : file} has more than ${bytesMax} bytes`,
          {
            facts: { file, limit: bytesMax },
          },
        );
      }
      chunks.push(chunk);
    }
  } catch (cause) {
    throwIfCancelled(signal);
    throw cause;
  } finally {
    signal?.removeEventListener("abort", stop);
    stream.destroy();
  }
  throwIfCancelled(signal);
  return new Uint8Array(Buffer.concat(chunks, length));
}
