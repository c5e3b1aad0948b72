import { constants } from "node:fs";
import { access, link, mkdir, open, readdir, rename, stat, unlink } from "node:fs/promises";
import { isP8eError, P8eError } from "@p8e/core";

/** An open file; `read` and `write` move all the bytes or fail. */
export interface FileHandle extends AsyncDisposable {
  /** Writes the parts one after the other, from `position` on. */
  write(parts: readonly Uint8Array[], position: number): Promise<void>;
  /** The number of bytes read, less than asked for only at the end of the file. */
  read(into: Uint8Array, position: number): Promise<number>;
  sync(): Promise<void>;
  size(): Promise<number>;
}

/** What the file system says of a file. */
export interface FileFacts {
  readonly sizeBytes: number;
  readonly inode: bigint;
  readonly modifiedMs: number;
}

/** What the store needs of a file system: the seam at which tests make disks fail. */
export interface FileSystem {
  /** Fails when the file exists. */
  create(path: string): Promise<FileHandle>;
  openRead(path: string): Promise<FileHandle>;
  link(from: string, to: string): Promise<void>;
  rename(from: string, to: string): Promise<void>;
  unlink(path: string): Promise<void>;
  makeDirectory(path: string): Promise<void>;
  /** Makes new names in a directory durable. */
  syncDirectory(path: string): Promise<void>;
  list(path: string): Promise<readonly string[]>;
  facts(path: string): Promise<FileFacts>;
  isWritableDirectory(path: string): Promise<boolean>;
  /** The user id that a directory belongs to; undefined when there is none. */
  directoryOwner(path: string): Promise<number | undefined>;
}

type NodeHandle = Awaited<ReturnType<typeof open>>;

class NodeFile implements FileHandle {
  readonly #handle: NodeHandle;

  constructor(handle: NodeHandle) {
    this.#handle = handle;
  }

  async write(parts: readonly Uint8Array[], position: number): Promise<void> {
    let expected = 0;
    for (const part of parts) expected += part.length;
    if (expected === 0) return;
    const { bytesWritten } = await this.#handle.writev(parts as Uint8Array[], position);
    if (bytesWritten < expected) await this.#writeRest(parts, position, bytesWritten);
  }

  /** A disk that is nearly full takes a part; the next call then says why. */
  async #writeRest(parts: readonly Uint8Array[], position: number, written: number): Promise<void> {
    const bytes = Buffer.concat(parts);
    let done = written;
    while (done < bytes.length) {
      const { bytesWritten } = await this.#handle.write(bytes, done, bytes.length - done, position + done);
      done += bytesWritten;
    }
  }

  async read(into: Uint8Array, position: number): Promise<number> {
    let done = 0;
    while (done < into.length) {
      const { bytesRead } = await this.#handle.read(into, done, into.length - done, position + done);
      if (bytesRead === 0) break;
      done += bytesRead;
    }
    return done;
  }

  sync(): Promise<void> {
    return this.#handle.datasync();
  }

  async size(): Promise<number> {
    return (await this.#handle.stat()).size;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#handle.close();
  }
}

/** The machine's own. */
export const nodeFileSystem: FileSystem = {
  create: async (path) => new NodeFile(await open(path, "wx+", 0o640)),
  openRead: async (path) => new NodeFile(await open(path, "r")),
  link,
  rename,
  unlink,
  makeDirectory: async (path) => {
    await mkdir(path, { recursive: true, mode: 0o750 });
  },
  async syncDirectory(path) {
    if (process.platform === "win32") return; // there a directory cannot be opened, nor need it be
    const handle = await open(path, "r");
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  },
  list: (path) => readdir(path),
  async facts(path) {
    const found = await stat(path, { bigint: true });
    return { sizeBytes: Number(found.size), inode: found.ino, modifiedMs: Number(found.mtimeMs) };
  },
  isWritableDirectory: (path) =>
    access(path, constants.W_OK | constants.X_OK).then(
      () => true,
      () => false,
    ),
  directoryOwner: (path) =>
    stat(path).then(
      (found) => (found.isDirectory() ? found.uid : undefined),
      () => undefined,
    ),
};

/** Whether something thrown by a file system says that there is no such file. */
export function isMissing(thrown: unknown): boolean {
  return errnoOf(thrown) === "ENOENT";
}

/** The system's name for what went wrong: `ENOSPC`, for example. */
export function errnoOf(thrown: unknown): string | undefined {
  const code = (thrown as { code?: unknown } | null)?.code;
  return typeof code === "string" ? code : undefined;
}

/** The gate for what a file system throws: `store.storage`, naming the system's error but no path. */
export function storageError(thrown: unknown): P8eError {
  if (isP8eError(thrown)) return thrown;
  const errno = errnoOf(thrown) ?? "unknown error";
  const full = errno === "ENOSPC" || errno === "EDQUOT";
  return new P8eError("store.storage", full ? "the storage is full" : "the storage failed", {
    cause: thrown,
    facts: { errno },
    ...(full ? { hint: "free space under STORAGE_BASE_PATH" } : {}),
  });
}
