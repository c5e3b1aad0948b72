import { createHash, type Hash } from "node:crypto";
import type { Brand } from "./brand.ts";
import { base64Decode, base64Encode } from "./bytes.ts";
import { P8eError } from "./errors.ts";

/**
 * A digest of an object's plaintext as its text form on ledger and store: standard padded base64 of 16 bytes (the
 * first half of a SHA-256 or SHA-512: contract specifications), 32 (SHA-256) or 64 (SHA-512: objects of old P8e).
 */
export type ContentHash = Brand<string, "ContentHash">;

/** The hashes p8e uses, as OpenSSL calls them. */
export type HashAlgorithm = "sha256" | "sha512";

/** @throws `hash.invalid` */
export function parseContentHash(text: string): ContentHash {
  let bytes: Uint8Array;
  try {
    bytes = base64Decode(text, "hash");
  } catch (cause) {
    throw new P8eError("hash.invalid", "a hash is standard base64", { cause, facts: { given: text.slice(0, 100) } });
  }
  return contentHashFromBytes(bytes);
}

/** @throws `hash.invalid` unless there are 16, 32 or 64 bytes */
export function contentHashFromBytes(bytes: Uint8Array): ContentHash {
  if (bytes.length !== 16 && bytes.length !== 32 && bytes.length !== 64) {
    throw new P8eError("hash.invalid", `a hash has 16, 32 or 64 bytes, not ${bytes.length}`, {
      facts: { length: bytes.length },
    });
  }
  return base64Encode(bytes) as ContentHash;
}

/** 16, 32 or 64 bytes. */
export function contentHashToBytes(hash: ContentHash): Uint8Array {
  return base64Decode(hash, "hash");
}

/** 32 bytes. */
export function sha256(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(createHash("sha256").update(bytes).digest());
}

/** 64 bytes. */
export function sha512(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(createHash("sha512").update(bytes).digest());
}

/** How a content hash is made of the content. */
export interface HashForm {
  readonly algorithm: HashAlgorithm;
  /** Keep only the first 16 bytes. */
  readonly truncated: boolean;
}

/** 32 bytes: what objects are known by. */
export const SHA256_FORM: HashForm = { algorithm: "sha256", truncated: false };
/** The first 16 bytes: what the JVM stack has for some objects. */
export const SHA256_TRUNCATED_FORM: HashForm = { algorithm: "sha256", truncated: true };

/** What an object with these bytes is known by. */
export function hashContent(bytes: Uint8Array, form: HashForm = SHA256_FORM): ContentHash {
  return digestToContentHash(createHash(form.algorithm).update(bytes).digest(), form);
}

/** As {@link hashContent}, from a digest made while the content went by. */
export function digestToContentHash(digest: Uint8Array, form: HashForm): ContentHash {
  return contentHashFromBytes(form.truncated ? digest.subarray(0, 16) : digest);
}

/**
 * Compares content, fed piece by piece, with a hash whose length does not say which algorithm made it: 16 bytes may be
 * half of a SHA-256 or of a SHA-512.
 */
export class ContentHashCheck {
  readonly #expected: Uint8Array;
  readonly #candidates: readonly Hash[];

  constructor(expected: ContentHash) {
    this.#expected = contentHashToBytes(expected);
    const length = this.#expected.length;
    const algorithms = length === 16 ? ["sha256", "sha512"] : length === 32 ? ["sha256"] : ["sha512"];
    this.#candidates = algorithms.map((algorithm) => createHash(algorithm));
  }

  update(bytes: Uint8Array): void {
    for (const hash of this.#candidates) hash.update(bytes);
  }

  /** Ends the check; call once. */
  matches(): boolean {
    const expected = Buffer.from(this.#expected);
    return this.#candidates.some((hash) => expected.equals(hash.digest().subarray(0, expected.length)));
  }
}

/** Whether these bytes are the content of that name, whichever of the forms it has. */
export function contentMatches(bytes: Uint8Array, expected: ContentHash): boolean {
  const check = new ContentHashCheck(expected);
  check.update(bytes);
  return check.matches();
}
