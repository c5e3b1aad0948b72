import { constants } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { P8eError } from "@p8e/core";

/** Flags to open for reading whatever it is, without waiting for the other end of a pipe or taking a terminal. */
export const OPEN_WITHOUT_WAITING = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0) | (constants.O_NOCTTY ?? 0);

/**
 * Opens a file that somebody named, for reading. Opening a pipe would wait for its writer, in a call that nothing can
 * interrupt; so nothing waits here, and what is no regular file is refused before it is read.
 * @throws `input.invalid` when it is not there, not readable or no regular file
 */
export async function openRegularFile(path: string): Promise<FileHandle> {
  const file = await open(path, OPEN_WITHOUT_WAITING).catch((cause: unknown) => {
    throw unreadable(path, cause);
  });
  try {
    if ((await file.stat()).isFile()) return file;
  } catch (cause) {
    await file.close();
    throw unreadable(path, cause);
  }
  await file.close();
  throw new P8eError("input.invalid", `${path} is no regular file`, { facts: { file: path } });
}

/**
 * All of a regular file. Never more than `bytesMax` and one byte are read, whatever size it claims to have.
 * @throws `input.invalid` as {@link openRegularFile}, `input.too_large`
 */
export async function readRegularFile(path: string, bytesMax: number): Promise<Uint8Array> {
  await using file = await openRegularFile(path);
  return await readOpenedFile(file, path, bytesMax);
}

/** All of what was opened by {@link openRegularFile}. @throws as {@link readRegularFile} */
export async function readOpenedFile(file: FileHandle, path: string, bytesMax: number): Promise<Uint8Array> {
  const { size } = await file.stat();
  const bytes = size > bytesMax ? undefined : await readAtMost(file, bytesMax, size).catch(failed);
  if (bytes !== undefined && bytes.length <= bytesMax) return bytes;
  throw new P8eError("input.too_large", `${path} is larger than ${bytesMax} bytes`, {
    facts: { file: path, limit: bytesMax },
  });

  function failed(cause: unknown): never {
    throw unreadable(path, cause);
  }
}

async function readAtMost(file: FileHandle, bytesMax: number, expected: number): Promise<Uint8Array> {
  // One byte more than the file says to have, so that its end is seen; it may have grown since.
  let all = new Uint8Array(Math.min(expected, bytesMax) + 1);
  let length = 0;
  for (;;) {
    const { bytesRead } = await file.read(all, length, all.length - length);
    length += bytesRead;
    if (bytesRead === 0 || length > bytesMax) return all.subarray(0, length);
    if (length < all.length) continue;
    const larger = new Uint8Array(Math.min(all.length * 2, bytesMax + 1));
    larger.set(all);
    all = larger;
  }
}

function unreadable(path: string, cause: unknown): P8eError {
  const absent = (cause as NodeJS.ErrnoException).code === "ENOENT";
  return new P8eError("input.invalid", absent ? `there is no file ${path}` : `${path} cannot be read`, {
    facts: { file: path },
    cause,
  });
}
