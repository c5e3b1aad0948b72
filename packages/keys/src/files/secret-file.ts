import { constants } from "node:fs";
import { type FileHandle, open, unlink } from "node:fs/promises";
import { dirname } from "node:path";
import process from "node:process";
import { P8eError, throwIfCancelled } from "@p8e/core";

/** Any bit of group or others. */
const OTHERS = 0o077;

/** What reading a file with a secret can be told. */
export interface ReadSecretFileOptions {
  readonly sizeMax: number;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Whether files carry permissions that say who can read them. On Windows they do not: who can read a file there is for the
 * folder's access list to say, which p8e neither sets nor checks.
 */
export function permissionsAreChecked(platform: string = process.platform): boolean {
  return platform !== "win32";
}

/**
 * All of a small file that only its owner can read. Nothing is read before the open file was looked at: it must be a
 * regular file (a pipe or device could keep the reader waiting for ever) within `sizeMax` bytes.
 * @throws `key.unavailable` when it is not there or not readable, `key.exposed` when group or others can read or write it,
 * `key.invalid` for what is no regular file, `input.too_large`, `rpc.cancelled`
 */
export async function readSecretFile(
  path: string,
  { sizeMax, signal }: ReadSecretFileOptions,
): Promise<Uint8Array<ArrayBuffer>> {
  throwIfCancelled(signal);
  // Without O_NONBLOCK, opening a pipe waits for its writer.
  const flags = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0) | (constants.O_NOCTTY ?? 0);
  await using file = await open(path, flags).catch((cause: unknown) => {
    throw notReadable(path, cause);
  });
  const state = await file.stat();
  if (!state.isFile()) {
    throw new P8eError("key.invalid", `${path} is not a regular file`, { facts: { path } });
  }
  if (permissionsAreChecked() && (state.mode & OTHERS) !== 0) {
    throw new P8eError("key.exposed", `others than its owner have access to ${path}`, {
      facts: { path, mode: (state.mode & 0o7777).toString(8).padStart(4, "0") },
      hint: `chmod 600 closes it. Whoever could read it until now may have the key.`,
    });
  }
  if (state.size > sizeMax) {
    throw new P8eError("input.too_large", `${path} is larger than a file of its kind can be`, {
      facts: { path, sizeBytes: state.size, sizeMax },
    });
  }
  const bytes = await readAll(file, sizeMax);
  throwIfCancelled(signal);
  if (bytes.length <= sizeMax) return bytes;
  bytes.fill(0);
  throw new P8eError("input.too_large", `${path} grew while it was read`, { facts: { path, sizeMax } });
}

/**
 * Writes a new file that only its owner can read, durably. What is there already is never touched, and nothing stays of a
 * file that could not be completed.
 * @throws `key.exists`, `key.unavailable` when it cannot be written
 */
export async function createSecretFile(path: string, content: Uint8Array | string): Promise<void> {
  const file = await open(path, "wx", 0o600).catch((cause: unknown) => {
    if ((cause as NodeJS.ErrnoException).code === "EEXIST") {
      throw new P8eError("key.exists", `${path} exists already; p8e never overwrites a key`, { facts: { path } });
    }
    throw notWritable(path, cause);
  });
  try {
    await using _ = file;
    await file.writeFile(content);
    await file.sync();
  } catch (cause) {
    await unlink(path).catch(() => undefined);
    throw notWritable(path, cause);
  }
  await syncFolder(dirname(path));
}

/** Makes the file's name durable. Windows cannot open folders, and keeps names in its journal. */
async function syncFolder(path: string): Promise<void> {
  if (process.platform === "win32") return;
  await using folder = await open(path, constants.O_RDONLY);
  await folder.sync();
}

/** Up to one byte more than there may be. */
async function readAll(file: FileHandle, sizeMax: number): Promise<Uint8Array<ArrayBuffer>> {
  const all = new Uint8Array(sizeMax + 1);
  let length = 0;
  while (length < all.length) {
    const { bytesRead } = await file.read(all, length, all.length - length);
    if (bytesRead === 0) break;
    length += bytesRead;
  }
  return all.subarray(0, length);
}

function notReadable(path: string, cause: unknown): P8eError {
  const missing = (cause as NodeJS.ErrnoException).code === "ENOENT";
  return new P8eError("key.unavailable", missing ? `there is no file ${path}` : `${path} cannot be read`, {
    facts: { path },
    cause,
  });
}

function notWritable(path: string, cause: unknown): P8eError {
  const missing = (cause as NodeJS.ErrnoException).code === "ENOENT";
  return new P8eError("key.unavailable", missing ? `the folder of ${path} is not there` : `${path} cannot be written`, {
    facts: { path },
    cause,
  });
}
