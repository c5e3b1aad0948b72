import { createHash, type Hash } from "node:crypto";
import { hasCode, P8eError, retry, utf8Decode } from "@p8e/core";
import type { LargeObject } from "../bucket/bucket.ts";
import type { GcsAnswer, GcsRequests } from "./gcs-requests.ts";

/** What is behind the first part, until the two are one object. */
export function payloadKey(key: string): string {
  return `${key}.payload`;
}

/** The first part, until the two are one object. */
export function headerKey(key: string): string {
  return `${key}.header`;
}

/** What an object in two parts needs of its bucket. */
export interface GcsComposedParts {
  readonly requests: GcsRequests;
  /** Where the bytes of the payload go, as the service said. */
  readonly session: string;
  readonly putHeader: (bytes: Uint8Array) => Promise<void>;
  /** Makes one object of the two. */
  readonly compose: () => Promise<void>;
  readonly removeParts: () => Promise<void>;
}

/**
 * A large object in Google Cloud Storage: what is behind the first part goes up as an object of its own, by an upload
 * that is taken up again where it broke; the first part is another; and the service makes one of the two.
 */
export class GcsComposed implements LargeObject {
  readonly #parts: GcsComposedParts;
  readonly #md5: Hash = createHash("md5");
  #sent = 0;

  constructor(parts: GcsComposedParts) {
    this.#parts = parts;
  }

  async append(part: Uint8Array): Promise<void> {
    await this.#send(part, "*");
  }

  async finish(first: Uint8Array, rest: Uint8Array): Promise<void> {
    const stored = await this.#send(rest, String(this.#sent + rest.length));
    const { md5Hash } = JSON.parse(utf8Decode(stored.bytes)) as { readonly md5Hash?: string };
    if (md5Hash !== this.#md5.digest("base64")) {
      throw new P8eError("store.storage", "the bucket stored other bytes than it was given");
    }
    await this.#parts.putHeader(first);
    await this.#parts.compose();
    await this.#parts.removeParts();
  }

  async abort(): Promise<void> {
    // An upload that is not taken up again is given up by the service after a week; 499 is its answer to this.
    const request = { method: "DELETE", path: this.#parts.session, accept: [404, 410, 499] } as const;
    await this.#parts.requests.once(request).catch(() => {});
    await this.#parts.removeParts();
  }

  async #send(part: Uint8Array, total: string): Promise<GcsAnswer> {
    this.#md5.update(part);
    const start = this.#sent;
    const end = start + part.length;
    let from = start;
    let broken = false;
    const answer = await retry(
      async () => {
        if (broken) {
          const there = await this.#put(new Uint8Array(0), `bytes */${total}`);
          if (there.status !== 308) return there;
          from = receivedOf(there);
          if (from < start || from > end) {
            throw new P8eError("store.storage", "the bucket lost a part of an upload");
          }
          if (from === end && total === "*") return there;
        }
        broken = true;
        const sent = await this.#put(part.subarray(from - start), `bytes ${from}-${end - 1}/${total}`);
        if (sent.status !== 308 || (total === "*" && receivedOf(sent) === end)) return sent;
        throw new P8eError("store.unavailable", "the bucket took less than it was given");
      },
      { attempts: 5, firstMs: 200, mostMs: 5000, when: (error) => hasCode(error, "store.unavailable") },
    );
    this.#sent = end;
    return answer;
  }

  #put(bytes: Uint8Array, range: string): Promise<GcsAnswer> {
    return this.#parts.requests.once({
      method: "PUT",
      path: this.#parts.session,
      headers: { "content-range": range },
      body: bytes,
      accept: [308],
    });
  }
}

/** How many bytes the service says it has of an upload. */
function receivedOf({ headers }: GcsAnswer): number {
  const last = /^bytes=0-(\d+)$/.exec(headers.get("range") ?? "")?.[1];
  return last === undefined ? 0 : Number(last) + 1;
}
