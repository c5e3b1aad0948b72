import { constants } from "node:fs";
import { open } from "node:fs/promises";
import { isP8eError, P8eError } from "@p8e/core";

/** Plaintext to store. A stream needs its size beforehand, and must open anew for each attempt. */
export type ObjectSource = Uint8Array | { readonly sizeBytes: number; open(): AsyncIterable<Uint8Array> };

const READ_BYTES = 1024 * 1024;
/** Opening a pipe would wait for its writer, in a call that nothing can interrupt. */
const WITHOUT_WAITING = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0) | (constants.O_NOCTTY ?? 0);

/**
 * A file as a source: its size is taken now, and a file that changes while it is read is refused by the length check.
 * @throws `input.invalid` when there is no such regular file
 */
export async function fileSource(path: string): Promise<Exclude<ObjectSource, Uint8Array>> {
  let sizeBytes: number;
  try {
    await using file = await open(path, WITHOUT_WAITING);
    const found = await file.stat();
    if (!found.isFile())
      throw new P8eError("input.invalid", "this is no regular file, whose size is known beforehand", {
        facts: { path },
      });
    sizeBytes = found.size;
  } catch (cause) {
    if (isP8eError(cause)) throw cause;
    throw new P8eError("input.invalid", "the file cannot be read", { cause, facts: { path } });
  }
  return { sizeBytes, open: () => readFileChunks(path) };
}

async function* readFileChunks(path: string): AsyncGenerator<Uint8Array, void, undefined> {
  const readable = <T>(work: Promise<T>): Promise<T> =>
    work.catch((cause: unknown) => {
      throw new P8eError("input.invalid", "the file cannot be read", { cause, facts: { path } });
    });
  await using file = await readable(open(path, WITHOUT_WAITING));
  for (;;) {
    // A buffer of its own for each chunk: what was handed out may still be on its way to the network.
    const { bytesRead, buffer } = await readable(file.read(new Uint8Array(READ_BYTES), 0, READ_BYTES));
    if (bytesRead === 0) return;
    yield buffer.subarray(0, bytesRead);
  }
}
