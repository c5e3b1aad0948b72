import { isP8eError, P8eError } from "@p8e/core";

/** The name of an object's metadata under which its mark is kept. */
export const MARK = "p8e-upload";

/**
 * What the storage needs of a bucket: S3, Google Cloud Storage, or another by the same rules. A key has all of its bytes
 * or does not exist; nothing is appended to, renamed or changed. What it throws is `store.unavailable` where trying again
 * can help, else `store.storage`.
 */
export interface Bucket extends AsyncDisposable {
  /** Bytes of each part of a large object but the first and the last. */
  readonly partBytes: number;

  /**
   * Stores the bytes under the key. With a mark, only when nothing is there, and the mark is kept beside the bytes: the
   * bucket itself decides, in one step. Without one, whatever is there is replaced.
   * @throws `store.storage` also when something is there that must not be
   */
  put(key: string, bytes: Uint8Array, mark?: string): Promise<void>;

  /** Begins an object that is too large for one request; it appears, under the rules of `put`, when it is finished. */
  beginLarge(key: string, mark: string): Promise<LargeObject>;

  /** Removes whatever unfinished large objects of this key have left, of any process. */
  abortLarge(key: string): Promise<void>;

  /** Bytes of an object; undefined when there is none, or when `version` is given and it is another by now. */
  read(key: string, range: ByteRange, options: ReadOptions): Promise<ReadBytes | undefined>;

  /** The mark that the object was stored with; undefined when there is no object or no mark. */
  markOf(key: string): Promise<string | undefined>;

  /** Puts a copy over whatever is under the other key. */
  copy(from: string, to: string): Promise<void>;

  /** A key that is not there is no error. */
  remove(key: string): Promise<void>;

  /** All keys that begin so, a page of them at a time; who has seen enough asks for no more. */
  list(prefix: string, signal?: AbortSignal): AsyncIterable<readonly string[]>;

  /** Resolves when the bucket answers. */
  probe(signal: AbortSignal): Promise<void>;
}

/** An object in parts, one request for each. */
export interface LargeObject {
  /** The next part behind the first, of `partBytes`. */
  append(part: Uint8Array): Promise<void>;

  /** The first part, which is known last, and what is left behind the others, at least one byte. */
  finish(first: Uint8Array, rest: Uint8Array): Promise<void>;

  /** Whatever there is of it goes. */
  abort(): Promise<void>;
}

/** From where, and how many at most. */
export interface ByteRange {
  readonly from: number;
  readonly length: number;
}

/** How bytes are read. */
export interface ReadOptions {
  /** Bytes of this version alone. */
  readonly version?: string | undefined;
  readonly signal: AbortSignal;
}

/** A part of an object. */
export interface ReadBytes {
  readonly bytes: Uint8Array;
  /** Of the whole object. */
  readonly length: number;
  /** Changes whenever the object is replaced. */
  readonly version: string;
}

/** All keys that begin so, in memory: for prefixes that few things are under. */
export async function keysUnder(bucket: Bucket, prefix: string, signal?: AbortSignal): Promise<readonly string[]> {
  const keys: string[] = [];
  for await (const page of bucket.list(prefix, signal)) keys.push(...page);
  return keys;
}

/** Something is under the key, and was not to be overwritten. */
export function existsAlready(key: string): P8eError {
  return new P8eError("store.storage", "the bucket has an object there already", { facts: { key, exists: true } });
}

/** Whether a bucket refused to overwrite an object. */
export function isRefusal(thrown: unknown): boolean {
  return isP8eError(thrown) && thrown.code === "store.storage" && thrown.facts.exists === true;
}
