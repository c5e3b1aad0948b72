import { type Clock, utf8Decode, utf8Encode } from "@p8e/core";
import type { Bucket } from "./bucket.ts";

/** How long an upload goes on before its marker is written anew. */
const FRESH_MS = 300_000;

/** What the markers of a store begin with. */
export function markersOf(prefix: string, identity: string): string {
  return `${prefix}.incoming/${identity}/`;
}

/** When the upload of this marker was last seen working, in milliseconds since 1970; undefined when it does not say. */
export function seenAt(content: Uint8Array): number | undefined {
  const text = utf8Decode(content);
  return /^\d{1,16}$/.test(text) ? Number(text) : undefined;
}

/**
 * The object that tells of an upload under way, or of what a crash left of one: `.incoming/<store>/<YYYYMMDD>.<uuid>`. Its
 * content is when the upload was last seen working: it is written anew while a long one goes on, so that no other process
 * takes it for dead. It is there before anything else of the upload is, and goes last.
 */
export class UploadMarker {
  readonly #bucket: Bucket;
  readonly #key: string;
  readonly #clock: Pick<Clock, "now">;
  readonly #left: () => void;
  #seenAt = 0;
  #written: Promise<void>;

  /** @param left called once this process has nothing more to do with the upload */
  constructor(bucket: Bucket, key: string, clock: Pick<Clock, "now">, left: () => void) {
    this.#bucket = bucket;
    this.#key = key;
    this.#clock = clock;
    this.#left = left;
    this.#written = this.#write();
    this.#written.catch(() => {}); // told by whoever needs it
  }

  written(): Promise<void> {
    return this.#written;
  }

  async refresh(): Promise<void> {
    if (this.#clock.now() - this.#seenAt < FRESH_MS) return;
    this.#written = this.#write();
    await this.#written;
  }

  async remove(): Promise<void> {
    await this.#written.catch(() => {});
    await this.#bucket.remove(this.#key);
    this.#left();
  }

  leave(): void {
    this.#left();
  }

  #write(): Promise<void> {
    this.#seenAt = this.#clock.now();
    return this.#bucket.put(this.#key, utf8Encode(String(this.#seenAt)));
  }
}
