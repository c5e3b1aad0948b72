import { P8eError } from "@p8e/core";
import { CHUNK_BYTES, ChunkDigester, digestChunks, joinDigests } from "../../domain/chunk-digests.ts";
import { GrowingBuffer } from "../../domain/growing-buffer.ts";
import type { BlobPlace } from "../../domain/stored-bytes.ts";
import type { BlobUpload, CompletedBlob } from "../blob-storage.ts";
import { readChunks } from "../read-chunks.ts";
import { type Bucket, isRefusal, type LargeObject } from "./bucket.ts";
import { openBucketBlob } from "./bucket-blob.ts";
import type { UploadMarker } from "./upload-marker.ts";

/** What an upload needs of its storage. */
export interface BucketUploadParts {
  readonly bucket: Bucket;
  readonly place: BlobPlace;
  readonly keyOf: (place: BlobPlace) => string;
  readonly marker: UploadMarker;
  /** Of this upload alone: it tells what it has stored from what was there before. */
  readonly mark: string;
  readonly predictedHeaderLength: number;
}

/**
 * An object on its way into a bucket. Up to one part it is gathered in memory and stored by one request. What is longer
 * goes as parts while it arrives; the first, which the header belongs to, is held back until the header is known.
 *
 * Memory: three parts (the first, one on its way, one being filled).
 */
export class BucketUpload implements BlobUpload {
  readonly place: BlobPlace;
  readonly #parts: BucketUploadParts;
  readonly #key: string;
  /** Payload bytes of the first part; at least what shares a chunk with the header, so that chunk can be digested. */
  readonly #firstBytes: number;
  readonly #first = new GrowingBuffer();
  #filling: Filling | undefined;
  #sending: Promise<void> = Promise.resolve();
  #large: LargeObject | undefined;
  readonly #digester = new ChunkDigester();
  /** How many payload bytes lie in chunks that the header is part of; they are digested at the end. */
  #undigested: number;
  #length = 0;
  /** `uncertain`: asked for, and nobody knows whether it was done. */
  #state: "nothing" | "uncertain" | "stored" = "nothing";

  constructor(parts: BucketUploadParts) {
    this.#parts = parts;
    this.place = parts.place;
    this.#key = parts.keyOf(parts.place);
    this.#undigested = behindHeader(parts.predictedHeaderLength);
    this.#firstBytes = Math.max(parts.bucket.partBytes - parts.predictedHeaderLength, CHUNK_BYTES);
  }

  async append(bytes: Uint8Array): Promise<void> {
    this.#length += bytes.length;
    const held = bytes.subarray(0, Math.max(0, this.#firstBytes - this.#first.length));
    this.#first.append(held);
    let rest = bytes.subarray(held.length);
    if (rest.length === 0) return;
    if (this.#filling === undefined) await this.#beginLarge();
    this.#digest(rest);
    while (rest.length > 0) {
      // A full part goes only when more follows: the last one must have something in it.
      if (this.#filling!.isFull) await this.#sendFilled();
      rest = rest.subarray(this.#filling!.take(rest));
    }
  }

  async complete(header: Uint8Array): Promise<CompletedBlob> {
    await this.#parts.marker.written();
    const first = new Uint8Array(header.length + this.#first.length);
    first.set(header);
    first.set(this.#first.bytes(), header.length);
    if (this.#large === undefined) {
      await this.#store(() => this.#parts.bucket.put(this.#key, first, this.#parts.mark));
      return { length: first.length, digests: digestChunks(first) };
    }
    await this.#sending;
    const large = this.#large;
    await this.#store(() => large.finish(first, this.#filling!.bytes()));
    const length = header.length + this.#length;
    if (header.length !== this.#parts.predictedHeaderLength) return { length, digests: await this.#readBack(length) };
    const digester = new ChunkDigester();
    digester.update(first.subarray(0, header.length + behindHeader(header.length)));
    return { length, digests: joinDigests([...digester.finish(), ...this.#digester.finish()]) };
  }

  async publish(): Promise<void> {
    if (this.#state !== "stored") throw new P8eError("store.storage", "the upload is not complete");
  }

  async replace(place: BlobPlace): Promise<void> {
    await this.publish();
    await this.#parts.bucket.copy(this.#key, this.#parts.keyOf(place));
  }

  settle(): Promise<void> {
    return this.#parts.marker.remove();
  }

  async discard(): Promise<void> {
    await this.#sending.catch(() => {});
    await this.#large?.abort();
    if (this.#state !== "nothing") await this.#parts.bucket.remove(this.#key);
    // A request whose answer never came may still be carried out: what comes of it is the sweeper's, by the marker.
    if (this.#state === "uncertain") this.abandon();
    else await this.settle();
  }

  abandon(): void {
    this.#parts.marker.leave();
  }

  async #beginLarge(): Promise<void> {
    const { marker, bucket, mark } = this.#parts;
    await marker.written();
    this.#large = await bucket.beginLarge(this.#key, mark);
    this.#filling = new Filling(bucket.partBytes);
    this.#digest(this.#first.bytes());
  }

  #digest(payload: Uint8Array): void {
    const skipped = Math.min(this.#undigested, payload.length);
    this.#undigested -= skipped;
    this.#digester.update(payload.subarray(skipped));
  }

  async #sendFilled(): Promise<void> {
    // One part at a time; the next one is received and digested meanwhile.
    await this.#sending;
    await this.#parts.marker.refresh();
    const part = this.#filling!.bytes();
    this.#filling = new Filling(this.#parts.bucket.partBytes);
    this.#sending = this.#large!.append(part);
    this.#sending.catch(() => {}); // told by the next await
  }

  /** Whatever goes wrong on the way: what is there with our mark is ours, from a request whose answer was lost. */
  async #store(request: () => Promise<void>): Promise<void> {
    const { bucket, mark } = this.#parts;
    this.#state = "uncertain";
    try {
      await request();
    } catch (error) {
      if ((await bucket.markOf(this.#key).catch(() => undefined)) !== mark) {
        if (isRefusal(error)) this.#state = "nothing";
        throw error;
      }
    }
    this.#state = "stored";
  }

  /** The header was not as long as predicted, so every chunk begins elsewhere: they are digested from what was stored. */
  async #readBack(length: number): Promise<Uint8Array> {
    await using blob = await openBucketBlob(this.#parts.bucket, this.#key);
    if (blob?.length !== length) throw new P8eError("store.storage", "the bucket does not give back what was stored");
    const digester = new ChunkDigester();
    for await (const chunk of readChunks(blob)) digester.update(chunk);
    return joinDigests(digester.finish());
  }
}

/** How many payload bytes share a chunk with the header. */
function behindHeader(headerLength: number): number {
  return (CHUNK_BYTES - (headerLength % CHUNK_BYTES)) % CHUNK_BYTES;
}

/** A part being filled. */
class Filling {
  readonly #bytes: Uint8Array;
  #length = 0;

  constructor(partBytes: number) {
    this.#bytes = new Uint8Array(Buffer.allocUnsafeSlow(partBytes).buffer);
  }

  get isFull(): boolean {
    return this.#length === this.#bytes.length;
  }

  /** Copies as much as there is room for, and says how much that was. */
  take(bytes: Uint8Array): number {
    const taken = bytes.subarray(0, this.#bytes.length - this.#length);
    this.#bytes.set(taken, this.#length);
    this.#length += taken.length;
    return taken.length;
  }

  bytes(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }
}
