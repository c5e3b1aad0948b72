import { type Clock, P8eError } from "@p8e/core";
import { CHUNK_BYTES, ChunkDigester, joinDigests } from "../../src/domain/chunk-digests.ts";
import type { BlobPlace } from "../../src/domain/stored-bytes.ts";
import type {
  BlobStorage,
  BlobUpload,
  CompletedBlob,
  StoredBlob,
  SweepOptions,
} from "../../src/storage/blob-storage.ts";
import { memorySource } from "../../src/storage/read-chunks.ts";

/** What object storages demand of every part but the last. */
const PART_BYTES_MIN = 5 * 1024 * 1024;

/**
 * A bucket by the rules of an object storage: a key has all of its bytes or does not exist; an object of several parts
 * appears when the parts are put together, in their order; nothing is renamed, appended to or changed. In memory: it is
 * there to show that the storage's interface asks for no more than that.
 */
export class Bucket {
  readonly objects = new Map<string, Uint8Array>();
  readonly #uploads = new Map<string, Map<number, Uint8Array>>();

  createUpload(key: string): void {
    this.#uploads.set(key, new Map());
  }

  putPart(key: string, number: number, bytes: Uint8Array): void {
    this.#uploads.get(key)!.set(number, bytes.slice());
  }

  completeUpload(key: string): void {
    const parts = [...this.#uploads.get(key)!].sort(([left], [right]) => left - right).map(([, bytes]) => bytes);
    if (parts.slice(0, -1).some((part) => part.length < PART_BYTES_MIN)) throw new Error("EntityTooSmall");
    this.objects.set(key, new Uint8Array(Buffer.concat(parts)));
    this.#uploads.delete(key);
  }

  abortUpload(key: string): void {
    this.#uploads.delete(key);
  }

  /** Keys in order. */
  list(prefix: string): readonly string[] {
    return [...this.objects.keys()].filter((key) => key.startsWith(prefix)).sort();
  }
}

/** Objects in a bucket; a marker beside each upload tells whoever sweeps that it began, and when. */
export class MultipartStorage implements BlobStorage {
  readonly #bucket: Bucket;
  readonly #markers: string;
  readonly #clock: Pick<Clock, "now">;
  readonly #active = new Set<string>();

  constructor(bucket: Bucket, identity: string, clock: Pick<Clock, "now">) {
    this.#bucket = bucket;
    this.#markers = `.incoming/${identity}/`;
    this.#clock = clock;
  }

  async begin(place: BlobPlace): Promise<BlobUpload> {
    const marker = `${this.#markers}${keyOf(place)}`;
    this.#active.add(marker);
    this.#bucket.objects.set(marker, Buffer.from(String(this.#clock.now())));
    return new MultipartUpload(this.#bucket, place, {
      left: () => this.#active.delete(marker),
      gone: () => this.#bucket.objects.delete(marker),
    });
  }

  async open(place: BlobPlace): Promise<StoredBlob | undefined> {
    const bytes = this.#bucket.objects.get(keyOf(place));
    return bytes && { ...memorySource(bytes), [Symbol.asyncDispose]: async () => {} };
  }

  async isWritable(): Promise<boolean> {
    return true;
  }

  async sweep({ graceMs, objectExists }: SweepOptions): Promise<number> {
    let swept = 0;
    for (const marker of this.#bucket.list(this.#markers)) {
      const began = Number(Buffer.from(this.#bucket.objects.get(marker)!).toString());
      if (this.#active.has(marker) || this.#clock.now() - began < graceMs) continue;
      const key = marker.slice(this.#markers.length);
      this.#bucket.abortUpload(key);
      if (!(await objectExists(key.split("/")[1]!))) this.#bucket.objects.delete(key);
      this.#bucket.objects.delete(marker);
      swept++;
    }
    return swept;
  }
}

/** The first part, which the header belongs to, is held back until the header is known; the others go as they fill. */
class MultipartUpload implements BlobUpload {
  readonly place: BlobPlace;
  readonly #bucket: Bucket;
  readonly #key: string;
  readonly #marker: { readonly left: () => void; readonly gone: () => void };
  #first: Uint8Array[] = [];
  #firstBytes = 0;
  #part: Uint8Array[] = [];
  #partBytes = 0;
  #parts = 1;

  constructor(bucket: Bucket, place: BlobPlace, marker: { readonly left: () => void; readonly gone: () => void }) {
    this.#bucket = bucket;
    this.place = place;
    this.#key = keyOf(place);
    this.#marker = marker;
    bucket.createUpload(this.#key);
  }

  async append(bytes: Uint8Array): Promise<void> {
    if (this.#firstBytes < PART_BYTES_MIN) {
      this.#first.push(bytes);
      this.#firstBytes += bytes.length;
      return;
    }
    this.#part.push(bytes);
    this.#partBytes += bytes.length;
    if (this.#partBytes >= PART_BYTES_MIN) this.#putPart();
  }

  /** Nobody reads a place that no row names, so the object may be put together before it is published. */
  async complete(header: Uint8Array): Promise<CompletedBlob> {
    this.#bucket.putPart(this.#key, 1, Buffer.concat([header, ...this.#first]));
    if (this.#partBytes > 0) this.#putPart();
    this.#bucket.completeUpload(this.#key);
    const bytes = this.#bucket.objects.get(this.#key)!;
    const digester = new ChunkDigester();
    for (let at = 0; at < bytes.length; at += CHUNK_BYTES) digester.update(bytes.subarray(at, at + CHUNK_BYTES));
    return { length: bytes.length, digests: joinDigests(digester.finish()) };
  }

  async publish(): Promise<void> {
    if (!this.#bucket.objects.has(this.#key)) throw new P8eError("store.storage", "the upload is not complete");
  }

  async replace(place: BlobPlace): Promise<void> {
    this.#bucket.objects.set(keyOf(place), this.#bucket.objects.get(this.#key)!);
    this.#bucket.objects.delete(this.#key);
  }

  async settle(): Promise<void> {
    this.#marker.gone();
    this.#marker.left();
  }

  async discard(): Promise<void> {
    this.#bucket.abortUpload(this.#key);
    this.#bucket.objects.delete(this.#key);
    await this.settle();
  }

  abandon(): void {
    this.#marker.left();
  }

  #putPart(): void {
    this.#bucket.putPart(this.#key, ++this.#parts, Buffer.concat(this.#part));
    this.#part = [];
    this.#partBytes = 0;
  }
}

function keyOf(place: BlobPlace): string {
  return `${place.directory}/${place.name}`;
}
