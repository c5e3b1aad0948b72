import type { BlobPlace } from "../domain/stored-bytes.ts";
import type { Log } from "../log.ts";
import type { ByteSource } from "./read-chunks.ts";

/**
 * Where objects lie that are too large for the database: files, and whatever else can keep them behind this interface.
 * `test/support/storage-conformance.ts` says what every implementation must do.
 *
 * An upload goes through these states, and a crash may come between any two of them:
 *
 *     begin -> append* -> complete -> publish -> (the row is committed) -> settle
 *
 * After `complete` the bytes are on stable storage and nobody sees them; after `publish` they are under their place, for
 * good. What a crash leaves before `settle` the storage finds again by itself: see `sweep`. In a bucket, where nothing is
 * renamed, the bytes are under their place from `complete` on: nobody looks there before a row names it.
 */
export interface BlobStorage extends BlobReader, AsyncDisposable {
  /** Bytes of memory that an upload may hold once its payload goes to the storage. */
  readonly uploadBytes: number;

  /**
   * Starts an object. Its place must be new; `predictedHeaderLength` is how long the header will probably be that
   * `complete` is given, and being wrong costs time only.
   * @throws `store.storage`
   */
  begin(place: BlobPlace, predictedHeaderLength: number): Promise<BlobUpload>;

  /** Whether the storage can be written to just now, as health reports it. */
  isWritable(): Promise<boolean>;

  /** Whether nothing lies there, uploads under way apart. @throws `store.storage`, `store.unavailable` */
  isEmpty(signal?: AbortSignal): Promise<boolean>;

  /**
   * Removes what crashes left of uploads of this store, never those of another store or those under way in this process:
   * each that began longer ago than the grace period, unless its row is there; then only the traces of its upload go.
   * Resolves with the number of uploads that were cleaned up.
   */
  sweep(options: SweepOptions): Promise<number>;
}

/** A storage that is only read from. */
export interface BlobReader {
  /** Undefined when nothing lies there. @throws `store.storage` */
  open(place: BlobPlace): Promise<StoredBlob | undefined>;
}

/** One object's bytes; `read` throws `store.storage`. */
export interface StoredBlob extends ByteSource, AsyncDisposable {}

/** An object on its way into the storage. It ends with one of `settle`, `discard` and `abandon`. */
export interface BlobUpload {
  readonly place: BlobPlace;

  /** Takes payload bytes, which must not change afterwards. @throws `store.storage` */
  append(bytes: Uint8Array): Promise<void>;

  /** Puts the header before the payload, and makes everything durable, unseen. @throws `store.storage` */
  complete(header: Uint8Array): Promise<CompletedBlob>;

  /** Shows the bytes under their place, durably. @throws `store.storage` */
  publish(): Promise<void>;

  /** Puts the bytes, instead of publishing them, where another object's are lost or damaged. @throws `store.storage` */
  replace(place: BlobPlace): Promise<void>;

  /** The row is committed: the upload's traces go, the object stays. @throws `store.storage` */
  settle(): Promise<void>;

  /** The row is not there and never will be: whatever there is of the upload goes. @throws `store.storage` */
  discard(): Promise<void>;

  /** Nobody knows whether the row is there: everything stays for `sweep`. */
  abandon(): void;
}

/** What an object's bytes are, once they are durable. */
export interface CompletedBlob {
  readonly length: number;
  /** SHA-256 of each chunk of `CHUNK_BYTES`, joined. */
  readonly digests: Uint8Array;
}

/** What counts as left behind. */
export interface SweepOptions {
  readonly graceMs: number;
  /** Whether there is a row for the object of this uuid. */
  readonly objectExists: (uuid: string) => Promise<boolean>;
  readonly log: Log;
  readonly signal?: AbortSignal | undefined;
}
