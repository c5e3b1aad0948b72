import {
  type CipherGCM,
  createCipheriv,
  createDecipheriv,
  createSecretKey,
  type DecipherGCM,
  type KeyObject,
} from "node:crypto";
import { concatBytes, P8eError, utf8Encode } from "@p8e/core";

/*
 * The frame of every ciphertext: u32 length of the IV | IV | AES-256-GCM ciphertext | 16 bytes of tag. We write IVs of
 * 12 bytes; readers of data keys accept 12 to 15, readers of payloads 12 to 16, as the JVM's do.
 */

const ALGORITHM = "aes-256-gcm";
/** In bytes, of frames that are made here. */
export const IV_LENGTH = 12;
const TAG_LENGTH = 16;
/** What a frame adds to its plaintext. */
export const FRAME_OVERHEAD = 4 + IV_LENGTH + TAG_LENGTH;
/** Where AES-GCM ends: 2^39 - 256 bits, just short of 64 GiB. */
export const FRAME_PLAINTEXT_MAX = 2 ** 36 - 32;

/** Longest IV accepted, 15 in a cryptogram, 16 in a payload. */
export type IvLengthMax = 15 | 16;

/** The key of a frame, and the text bound to it. */
export interface FrameKey {
  readonly key: KeyObject;
  /** Bound to the ciphertext without being part of it; the JVM's texts are encoded as UTF-8. None and "" are equal. */
  readonly associatedData?: string;
}

/** Wrapped keys are several times faster than raw ones on Node 24; OpenSSL keeps a copy and clears it when it is freed. */
export function frameKey(key: Uint8Array, associatedData = ""): FrameKey {
  return { key: createSecretKey(key), associatedData };
}

/** The error for a frame whose bytes do not fit its tag; `part` is what was being opened. */
export function tampered(part: string, cause?: unknown): P8eError {
  return new P8eError("envelope.tampered", "the sealed bytes were changed after they were sealed, or cut short", {
    facts: { part },
    cause,
  });
}

/** Seals in pieces: the concatenation of `start`, all of `update` and `end` is the frame. */
export class FrameSealer {
  readonly #cipher: CipherGCM;
  readonly #iv: Uint8Array;
  #plaintextBytes = 0;

  constructor({ key, associatedData = "" }: FrameKey, iv: Uint8Array) {
    this.#cipher = createCipheriv(ALGORITHM, key, iv, { authTagLength: TAG_LENGTH });
    if (associatedData !== "") this.#cipher.setAAD(utf8Encode(associatedData));
    this.#iv = iv;
  }

  start(): Uint8Array {
    return concatBytes(Uint8Array.of(0, 0, 0, this.#iv.length), this.#iv);
  }

  /** @throws `object.too_large` where AES-GCM ends */
  update(plaintext: Uint8Array): Uint8Array {
    this.#plaintextBytes += plaintext.length;
    refuseOverLimit(this.#plaintextBytes);
    return plain(this.#cipher.update(plaintext));
  }

  end(): Uint8Array {
    this.#cipher.final();
    return plain(this.#cipher.getAuthTag());
  }
}

/** What one call takes: OpenSSL's binding ends at 2 GiB, and nobody should hold that much at once. */
const IN_MEMORY_MAX = 2 ** 30;

/** @throws `object.too_large` above 1 GiB: such objects are for streams */
export function refuseInMemory(bytes: Uint8Array): void {
  if (bytes.length > IN_MEMORY_MAX) {
    throw new P8eError("object.too_large", "this much is not sealed or opened in one piece", {
      facts: { limit: IN_MEMORY_MAX, length: bytes.length },
      hint: "Use the streaming form.",
    });
  }
}

/** @throws `object.too_large` */
export function refuseOverLimit(plaintextBytes: number): void {
  if (plaintextBytes > FRAME_PLAINTEXT_MAX) {
    throw new P8eError("object.too_large", "an object ends just short of 64 GiB, where AES-GCM does", {
      facts: { limit: FRAME_PLAINTEXT_MAX },
    });
  }
}

/**
 * Opens in pieces. What `update` returns has NOT been checked: nobody outside this package gets to see it before `end`
 * has returned.
 */
export class FrameOpener {
  readonly #key: FrameKey;
  readonly #ivLengthMax: IvLengthMax;
  #decipher: DecipherGCM | undefined;
  /** Bytes that are not yet known to be ciphertext: the start of the frame, later what may be the tag. */
  #pending: Uint8Array = new Uint8Array();

  constructor(key: FrameKey, ivLengthMax: IvLengthMax) {
    this.#key = key;
    this.#ivLengthMax = ivLengthMax;
  }

  /** Whether the IV has been read, and so found to be plausible. */
  get started(): boolean {
    return this.#decipher !== undefined;
  }

  /** @throws `envelope.tampered` for an implausible IV */
  update(chunk: Uint8Array): Uint8Array {
    let rest = chunk;
    if (this.#decipher === undefined) {
      const seen = this.#pending.length === 0 ? chunk : concatBytes(this.#pending, chunk);
      const ivLength = this.#ivLengthIn(seen);
      if (ivLength === undefined || seen.length < 4 + ivLength) {
        this.#pending = seen.slice();
        return new Uint8Array();
      }
      this.#decipher = this.#start(seen.subarray(4, 4 + ivLength));
      rest = seen.subarray(4 + ivLength);
      this.#pending = new Uint8Array();
    }
    return this.#decrypt(this.#decipher, rest);
  }

  #ivLengthIn(seen: Uint8Array): number | undefined {
    if (seen.length < 4) return undefined;
    const length = new DataView(seen.buffer, seen.byteOffset).getUint32(0);
    if (length < IV_LENGTH || length > this.#ivLengthMax) throw tampered("iv");
    return length;
  }

  #start(iv: Uint8Array): DecipherGCM {
    const { key, associatedData = "" } = this.#key;
    const decipher = createDecipheriv(ALGORITHM, key, iv, { authTagLength: TAG_LENGTH });
    if (associatedData !== "") decipher.setAAD(utf8Encode(associatedData));
    return decipher;
  }

  /** All but the last 16 bytes seen so far. */
  #decrypt(decipher: DecipherGCM, chunk: Uint8Array): Uint8Array {
    const length = this.#pending.length + chunk.length - TAG_LENGTH;
    if (length <= 0) {
      this.#pending = concatBytes(this.#pending, chunk);
      return new Uint8Array();
    }
    const fromPending = Math.min(length, this.#pending.length);
    const first = plain(decipher.update(this.#pending.subarray(0, fromPending)));
    const second = plain(decipher.update(chunk.subarray(0, length - fromPending)));
    this.#pending = concatBytes(this.#pending.subarray(fromPending), chunk.subarray(length - fromPending));
    return first.length === 0 ? second : concatBytes(first, second);
  }

  /** @throws `envelope.tampered` unless the tag proves every byte */
  end(): void {
    if (this.#decipher === undefined || this.#pending.length < TAG_LENGTH) throw tampered("length");
    this.#decipher.setAuthTag(this.#pending);
    try {
      this.#decipher.final();
    } catch (cause) {
      throw tampered("tag", cause);
    }
  }
}

/** A frame in one piece. @throws `object.too_large` above 1 GiB */
export function sealFrame(key: FrameKey, iv: Uint8Array, plaintext: Uint8Array): Uint8Array {
  refuseInMemory(plaintext);
  const sealer = new FrameSealer(key, iv);
  return concatBytes(sealer.start(), sealer.update(plaintext), sealer.end());
}

/**
 * The plaintext of a frame in one piece, in a buffer of its own.
 * @throws `envelope.tampered` (what had been decrypted by then is wiped), `object.too_large` above 1 GiB
 */
export function openFrame(key: FrameKey, frame: Uint8Array, ivLengthMax: IvLengthMax): Uint8Array {
  refuseInMemory(frame);
  const opener = new FrameOpener(key, ivLengthMax);
  const plaintext = opener.update(frame);
  try {
    opener.end();
    return plaintext;
  } catch (error) {
    plaintext.fill(0);
    throw error;
  }
}

function plain(buffer: Buffer): Uint8Array {
  return new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength);
}
