import { randomUUID } from "node:crypto";
import { type FileHandle, open, rm } from "node:fs/promises";
import { join } from "node:path";
import { P8eError } from "@p8e/core";

/** Up to here ciphertext waits in memory, beyond it in a file. */
const MEMORY_BYTES = 1024 * 1024;
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

  constructor(folder: string) {
    this.#folder = folder;
  }

  get length(): number {
    return this.#length;
  }

  /** Takes over the chunk; the caller must not change it afterwards. */
  async append(chunk: Uint8Array): Promise<void> {
    if (chunk.length === 0) return;
    if (this.#file === undefined && this.#length + chunk.length > MEMORY_BYTES) await this.#spill();
    if (this.#file === undefined) this.#chunks.push(chunk);
    else await writeAll(this.#file.handle, chunk, this.#length);
    this.#length += chunk.length;
  }

  /** All bytes from the start; may be called again. */
  async *read(): AsyncGenerator<Uint8Array, void, undefined> {
    if (this.#file === undefined) {
      yield* this.#chunks;
      return;
    }
    for (let position = 0; position < this.#length; ) {
      const wanted = Math.min(READ_BYTES, this.#length - position);
      const { bytesRead, buffer } = await this.#file.handle.read(new Uint8Array(wanted), 0, wanted, position);
      if (bytesRead === 0) throw new P8eError("internal.unexpected", "the spool file became shorter");
      position += bytesRead;
      yield buffer.subarray(0, bytesRead);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#chunks = [];
    const file = this.#file;
    this.#file = undefined;
    await file?.handle.close();
    if (file?.named) await rm(file.path, { force: true });
  }

  async #spill(): Promise<void> {
    const path = join(this.#folder, `p8e-${randomUUID()}.spool`);
    const handle = await open(path, "wx+", 0o600);
    // Windows does not let an open file lose its name.
    const named = process.platform === "win32";
    if (!named) await rm(path);
    this.#file = { handle, path, named };
    let position = 0;
    for (const chunk of this.#chunks) {
      await writeAll(handle, chunk, position);
      position += chunk.length;
    }
    this.#chunks = [];
  }
}

async function writeAll(handle: FileHandle, chunk: Uint8Array, position: number): Promise<void> {
  for (let written = 0; written < chunk.length; ) {
    const { bytesWritten } = await handle.write(chunk, written, chunk.length - written, position + written);
    written += bytesWritten;
  }
}
