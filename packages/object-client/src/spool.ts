import { randomUUID } from "node:crypto";
import { type FileHandle, open, rm } from "node:fs/promises";
import { join } from "node:path";
import { P8eError } from "@p8e/core";

/** Up to here ciphertext waits in memory, beyond it in a file. */
const MEMORY_BYTES = 1024 * 1024;
/** A store that sends single bytes would else cost far more memory than it sends. */
const MEMORY_CHUNKS = 1024;
const READ_BYTES = 1024 * 1024;

/**
 * Holds the ciphertext of one object between its arrival and its two passes. Only ciphertext is ever written; the file
 * is private to its owner and has no name any more while it is used, so a crash leaves nothing.
 */
export class Spool implements AsyncDisposable {
  readonly #folder: string;
  #chunks: Uint8Array[] = [];
  #file: { readonly handle: FileHandle; readonly path: string; readonly named: boolean } | undefined;
  #length = 0;
  #disposed = false;

  constructor(folder: string) {
    this.#folder = folder;
  }

  get length(): number {
    return this.#length;
  }

  /**
   * Takes over the chunk; the caller must not change it afterwards.
   * @throws `configuration.invalid` when the folder cannot be written to, or is full
   */
  async append(chunk: Uint8Array): Promise<void> {
    if (chunk.length === 0) return;
    const full = this.#length + chunk.length > MEMORY_BYTES || this.#chunks.length >= MEMORY_CHUNKS;
    if (this.#file === undefined && full) await this.#onDisk(() => this.#spill());
    const file = this.#file;
    if (file === undefined) this.#chunks.push(ownBytes(chunk));
    else await this.#onDisk(() => writeAll(file.handle, chunk, this.#length));
    this.#length += chunk.length;
  }

  /** All bytes from the start; may be called again. */
  async *read(): AsyncGenerator<Uint8Array, void, undefined> {
    if (this.#file === undefined && !this.#disposed) {
      yield* this.#chunks;
      return;
    }
    for (let position = 0; position < this.#length; ) {
      const wanted = Math.min(READ_BYTES, this.#length - position);
      if (this.#file === undefined) throw new P8eError("internal.unexpected", "this object has been disposed of");
      const { bytesRead, buffer } = await this.#file.handle.read(new Uint8Array(wanted), 0, wanted, position);
      if (bytesRead === 0) throw new P8eError("internal.unexpected", "the spool file became shorter");
      position += bytesRead;
      yield buffer.subarray(0, bytesRead);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#chunks = [];
    this.#disposed = true;
    const file = this.#file;
    this.#file = undefined;
    await file?.handle.close();
    if (file?.named) await rm(file.path, { force: true });
  }

  async #onDisk(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (cause) {
      const { code } = cause as NodeJS.ErrnoException;
      throw new P8eError("configuration.invalid", "the folder for ciphertext that is being checked cannot be used", {
        cause,
        facts: { folder: this.#folder, reason: code },
        hint: "It must exist, be writable, and have room for the largest object; TMPDIR names another.",
      });
    }
  }

  async #spill(): Promise<void> {
    const path = join(this.#folder, `p8e-${randomUUID()}.spool`);
    const handle = await open(path, "wx+", 0o600);
    this.#file = { handle, path, named: true };
    // Windows does not let an open file lose its name.
    if (process.platform !== "win32") {
      await rm(path);
      this.#file = { handle, path, named: false };
    }
    let position = 0;
    for (const chunk of this.#chunks) {
      await writeAll(handle, chunk, position);
      position += chunk.length;
    }
    this.#chunks = [];
  }
}

/** Not a small view that keeps a whole network buffer alive. */
function ownBytes(chunk: Uint8Array): Uint8Array {
  return chunk.buffer.byteLength > 2 * chunk.length ? chunk.slice() : chunk;
}

async function writeAll(handle: FileHandle, chunk: Uint8Array, position: number): Promise<void> {
  for (let written = 0; written < chunk.length; ) {
    const { bytesWritten } = await handle.write(chunk, written, chunk.length - written, position + written);
    written += bytesWritten;
  }
}
