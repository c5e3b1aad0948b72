import { P8eError } from "@p8e/core";
import {
  type Bucket,
  type ByteRange,
  existsAlready,
  type LargeObject,
  type ReadBytes,
  type ReadOptions,
} from "../../src/storage/bucket/bucket.ts";

/** What object storages demand of every part but the last. */
const PART_BYTES_MIN = 5 * 1024 * 1024;

interface Stored {
  readonly bytes: Uint8Array;
  readonly mark: string | undefined;
  readonly version: string;
}

/** A request of a bucket, by what it does. */
export type BucketRequest = "put" | "append" | "finish" | "read" | "copy" | "remove" | "list";

/**
 * A bucket by the rules of an object storage, in memory. One kind of request can be made to fail, before it is carried
 * out or with its answer lost.
 */
export class MemoryBucket implements Bucket {
  readonly partBytes = PART_BYTES_MIN;
  readonly objects = new Map<string, Stored>();
  readonly unfinished = new Map<string, number>();
  fault: { readonly request: BucketRequest; readonly done: boolean; readonly key?: RegExp } | undefined;
  /** Keys that were given out by `list`. */
  listed = 0;
  #versions = 0;

  async put(key: string, bytes: Uint8Array, mark?: string): Promise<void> {
    this.#do("put", key, () => this.#store(key, bytes, mark));
  }

  async beginLarge(key: string, mark: string): Promise<LargeObject> {
    this.unfinished.set(key, (this.unfinished.get(key) ?? 0) + 1);
    const parts: Uint8Array[] = [];
    return {
      append: async (part) => {
        this.#do("append", key, () => {
          if (part.length < PART_BYTES_MIN) throw new Error("EntityTooSmall");
          parts.push(part.slice());
        });
      },
      finish: async (first, rest) => {
        if (first.length < PART_BYTES_MIN || rest.length === 0) throw new Error("EntityTooSmall");
        this.#do("finish", key, () => {
          this.#store(key, Buffer.concat([first, ...parts, rest]), mark);
          this.unfinished.delete(key);
        });
      },
      abort: () => this.abortLarge(key),
    };
  }

  async abortLarge(key: string): Promise<void> {
    this.unfinished.delete(key);
  }

  async read(key: string, { from, length }: ByteRange, { version }: ReadOptions): Promise<ReadBytes | undefined> {
    return this.#do("read", key, () => {
      const stored = this.objects.get(key);
      if (!stored || (version !== undefined && version !== stored.version)) return undefined;
      return { bytes: stored.bytes.slice(from, from + length), length: stored.bytes.length, version: stored.version };
    });
  }

  async markOf(key: string): Promise<string | undefined> {
    return this.objects.get(key)?.mark;
  }

  async copy(from: string, to: string): Promise<void> {
    this.#do("copy", to, () => {
      const { bytes, mark } = this.objects.get(from)!;
      this.objects.set(to, { bytes, mark, version: String(++this.#versions) });
    });
  }

  async remove(key: string): Promise<void> {
    this.#do("remove", key, () => this.objects.delete(key));
  }

  /** A page of each key. */
  async *list(prefix: string): AsyncGenerator<readonly string[], void> {
    for (const key of [...this.objects.keys()].filter((each) => each.startsWith(prefix)).sort()) {
      this.listed++;
      yield this.#do("list", prefix, () => [key]);
    }
  }

  async probe(): Promise<void> {}

  async [Symbol.asyncDispose](): Promise<void> {}

  #store(key: string, bytes: Uint8Array, mark: string | undefined): void {
    if (mark !== undefined && this.objects.has(key)) throw existsAlready(key);
    this.objects.set(key, { bytes: new Uint8Array(bytes), mark, version: String(++this.#versions) });
  }

  #do<T>(request: BucketRequest, key: string, work: () => T): T {
    const fails = this.fault?.request === request && (this.fault.key?.test(key) ?? true);
    if (!fails) return work();
    if (this.fault?.done) work();
    throw new P8eError("store.unavailable", "the bucket cannot be reached");
  }
}
