import { P8eError } from "@p8e/core";
import { CHUNK_BYTES } from "../../domain/chunk-digests.ts";
import type { StoredBlob } from "../blob-storage.ts";
import type { Bucket, ReadBytes } from "./bucket.ts";

/** Undefined when the bucket has no such key. @throws `store.storage`, `store.unavailable` */
export async function openBucketBlob(bucket: Bucket, key: string): Promise<StoredBlob | undefined> {
  const stop = new AbortController();
  const first = await bucket.read(key, { from: 0, length: CHUNK_BYTES }, { signal: stop.signal });
  return first && new BucketBlob(bucket, key, first, stop);
}

/**
 * An object in a bucket while it is read: a request for each piece of `CHUNK_BYTES`, the next one ahead of its time. No
 * connection is held between two of them, so that slow readers do not use them up; three pieces at most are in memory.
 */
class BucketBlob implements StoredBlob {
  readonly length: number;
  readonly #bucket: Bucket;
  readonly #key: string;
  readonly #version: string;
  readonly #stop: AbortController;
  readonly #pieces = new Map<number, Promise<Uint8Array>>();

  constructor(bucket: Bucket, key: string, first: ReadBytes, stop: AbortController) {
    this.length = first.length;
    this.#bucket = bucket;
    this.#key = key;
    this.#version = first.version;
    this.#stop = stop;
    this.#pieces.set(0, Promise.resolve(this.#whole(0, first)));
  }

  async read(into: Uint8Array, position: number): Promise<number> {
    const wanted = Math.max(0, Math.min(into.length, this.length - position));
    let done = 0;
    while (done < wanted) {
      const at = position + done;
      const index = Math.floor(at / CHUNK_BYTES);
      const piece = await this.#piece(index);
      const part = piece.subarray(at - index * CHUNK_BYTES, at - index * CHUNK_BYTES + wanted - done);
      into.set(part, done);
      done += part.length;
    }
    return done;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    this.#pieces.clear();
  }

  #piece(index: number): Promise<Uint8Array> {
    const piece = this.#asked(index);
    if ((index + 1) * CHUNK_BYTES < this.length) this.#asked(index + 1);
    for (const known of this.#pieces.keys()) {
      if (known !== index && known !== index + 1) this.#pieces.delete(known);
    }
    return piece;
  }

  #asked(index: number): Promise<Uint8Array> {
    const known = this.#pieces.get(index);
    if (known) return known;
    const asked = this.#ask(index);
    asked.catch(() => {
      // Told by whoever needs it; and asked again then.
      if (this.#pieces.get(index) === asked) this.#pieces.delete(index);
    });
    this.#pieces.set(index, asked);
    return asked;
  }

  async #ask(index: number): Promise<Uint8Array> {
    const range = { from: index * CHUNK_BYTES, length: CHUNK_BYTES };
    const options = { version: this.#version, signal: this.#stop.signal };
    return this.#whole(index, await this.#bucket.read(this.#key, range, options));
  }

  #whole(index: number, read: ReadBytes | undefined): Uint8Array {
    const expected = Math.min(CHUNK_BYTES, this.length - index * CHUNK_BYTES);
    if (read?.bytes.length === expected && read.length === this.length) return read.bytes;
    throw new P8eError("store.storage", "the object was replaced, removed or cut short while it was read", {
      facts: { key: this.#key },
      hint: "read it again",
    });
  }
}
