import { type Clock, type RandomBytes, randomUuid } from "@p8e/core";
import type { BlobPlace } from "../../domain/stored-bytes.ts";
import { reasonOf } from "../../log.ts";
import type { BlobReader, BlobStorage, BlobUpload, StoredBlob, SweepOptions } from "../blob-storage.ts";
import { draftName, placeOfDraft } from "../draft-name.ts";
import { type Bucket, keysUnder } from "./bucket.ts";
import { openBucketBlob } from "./bucket-blob.ts";
import { BucketUpload } from "./bucket-upload.ts";
import { checkBucket } from "./check-bucket.ts";
import { markersOf, seenAt, UploadMarker } from "./upload-marker.ts";

/** Where the objects of a store lie in a bucket, and what is done with them. */
export interface BucketStorageOptions {
  /** Closed with the storage. */
  readonly bucket: Bucket;
  /** What every key begins with: empty, or a path that ends in `/`. */
  readonly prefix: string;
  /** The store's own id: it keeps apart the unfinished uploads of stores that were given the same bucket. */
  readonly identity: string;
  /** Objects are also looked for without their directory, where the reference server's 0.7.x put them in its bucket. */
  readonly bareNames?: boolean;
  readonly clock: Pick<Clock, "now">;
  readonly random: RandomBytes;
}

/** How long an answer to whether the bucket can be reached is good for: asking costs. */
const PROBE_MS = 10_000;
const PROBE_TIMEOUT_MS = 5000;
const MARKER_BYTES = 100;

/** Objects in a bucket, by the keys of the reference server: `<directory>/<uuid>`. */
export class BucketStorage implements BlobStorage {
  readonly uploadBytes: number;
  readonly #options: BucketStorageOptions;
  readonly #markers: string;
  readonly #active = new Set<string>();
  #probed: { readonly at: number; readonly answered: Promise<boolean> } | undefined;

  private constructor(options: BucketStorageOptions) {
    this.#options = options;
    this.#markers = markersOf(options.prefix, options.identity);
    this.uploadBytes = 3 * options.bucket.partBytes;
  }

  /**
   * Writes, reads and deletes a test object before the storage counts as open.
   * @throws `store.storage` when the bucket cannot be used, or lets objects be overwritten that must not be;
   *   `store.unavailable`
   */
  static async open(options: BucketStorageOptions): Promise<BucketStorage> {
    await checkBucket(options.bucket, options.prefix, options.random);
    return new BucketStorage(options);
  }

  async begin(place: BlobPlace, predictedHeaderLength: number): Promise<BlobUpload> {
    const { bucket, prefix, clock, random } = this.#options;
    const name = draftName(place);
    this.#active.add(name);
    return new BucketUpload({
      bucket,
      place,
      keyOf: (of) => keyOf(prefix, of),
      marker: new UploadMarker(bucket, this.#markers + name, clock, () => this.#active.delete(name)),
      mark: randomUuid(random),
      predictedHeaderLength,
    });
  }

  open(place: BlobPlace): Promise<StoredBlob | undefined> {
    return openPlace(this.#options, place);
  }

  async isWritable(): Promise<boolean> {
    const now = this.#options.clock.now();
    if (this.#probed === undefined || now - this.#probed.at > PROBE_MS || now < this.#probed.at) {
      const answered = this.#options.bucket.probe(AbortSignal.timeout(PROBE_TIMEOUT_MS)).then(
        () => true,
        () => false,
      );
      this.#probed = { at: now, answered };
    }
    return this.#probed.answered;
  }

  async isEmpty(signal?: AbortSignal): Promise<boolean> {
    const { bucket, prefix } = this.#options;
    for await (const keys of bucket.list(prefix, signal)) {
      if (!keys.every((key) => key.startsWith(`${prefix}.incoming/`))) return false;
    }
    return true;
  }

  async sweep(options: SweepOptions): Promise<number> {
    let swept = 0;
    // All of them first: what is removed while it is listed may shift what comes.
    for (const key of await keysUnder(this.#options.bucket, this.#markers, options.signal)) {
      options.signal?.throwIfAborted();
      const name = key.slice(this.#markers.length);
      const place = placeOfDraft(name);
      if (!place || this.#active.has(name)) continue;
      try {
        if (!(await this.#isOld(key, options.graceMs))) continue;
        const target = keyOf(this.#options.prefix, place);
        await this.#options.bucket.abortLarge(target);
        if (!(await options.objectExists(place.name))) await this.#options.bucket.remove(target);
        await this.#options.bucket.remove(key);
        swept++;
      } catch (error) {
        options.log("warn", "could not clean up an upload", { reason: reasonOf(error) });
      }
    }
    if (swept > 0) options.log("info", "cleaned up unfinished uploads", { count: swept });
    return swept;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#options.bucket[Symbol.asyncDispose]();
  }

  async #isOld(marker: string, graceMs: number): Promise<boolean> {
    const range = { from: 0, length: MARKER_BYTES };
    const read = await this.#options.bucket.read(marker, range, { signal: AbortSignal.timeout(60_000) });
    if (read === undefined) return false;
    return this.#options.clock.now() - (seenAt(read.bytes) ?? 0) >= graceMs;
  }
}

/** The objects of a store in a bucket, for looking only: nothing is created or checked. */
export function bucketReader(
  options: Pick<BucketStorageOptions, "bucket" | "prefix" | "bareNames">,
): BlobReader & AsyncDisposable {
  return {
    open: (place) => openPlace(options, place),
    [Symbol.asyncDispose]: () => options.bucket[Symbol.asyncDispose](),
  };
}

async function openPlace(
  { bucket, prefix, bareNames = false }: Pick<BucketStorageOptions, "bucket" | "prefix" | "bareNames">,
  place: BlobPlace,
): Promise<StoredBlob | undefined> {
  const found = await openBucketBlob(bucket, keyOf(prefix, place));
  return found ?? (bareNames ? openBucketBlob(bucket, prefix + place.name) : undefined);
}

function keyOf(prefix: string, place: BlobPlace): string {
  return `${prefix}${place.directory}/${place.name}`;
}
