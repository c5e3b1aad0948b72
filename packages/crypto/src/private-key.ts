import { inspect } from "node:util";
import { fromBinary } from "@bufbuild/protobuf";
import { P8eError, type RandomBytes } from "@p8e/core";
import * as scope from "@p8e/proto/scope";
import type { CurveBackend } from "./curve-backend.ts";
import { defaultBackend } from "./default-backend.ts";
import { PublicKey, requireSecp256k1 } from "./public-key.ts";
import { isScalar } from "./scalar.ts";

const REDACTED = "[redacted]";

/**
 * A scalar, held in memory of its own. It prints as `[redacted]` wherever it is logged or serialized, and `dispose`
 * (or `using`) wipes it.
 */
export class PrivateKey implements Disposable {
  readonly #scalar: Uint8Array;
  #disposed = false;

  /** @internal Takes the buffer over. */
  constructor(scalar: Uint8Array) {
    this.#scalar = scalar;
  }

  /**
   * Lends the 32 bytes of the scalar to `action`, which must not keep them.
   * @throws `key.unavailable` after disposal
   */
  use<T>(action: (scalar: Uint8Array) => T): T {
    if (this.#disposed) throw new P8eError("key.unavailable", "this private key has been disposed of");
    return action(this.#scalar);
  }

  publicKey(backend: CurveBackend = defaultBackend()): PublicKey {
    return this.use((scalar) => new PublicKey(backend.pointOf(scalar)));
  }

  dispose(): void {
    this.#scalar.fill(0);
    this.#disposed = true;
  }

  [Symbol.dispose](): void {
    this.dispose();
  }

  toString(): string {
    return REDACTED;
  }

  toJSON(): string {
    return REDACTED;
  }

  [inspect.custom](): string {
    return `PrivateKey(${REDACTED})`;
  }
}

/**
 * Big-endian, 1 to 33 bytes: shorter scalars are padded, a leading zero in front of 32 bytes is the sign of the JVM's
 * integers. The bytes are copied; the caller wipes its own.
 * @throws `key.invalid` also for zero and for the group's order and above, which the JVM would accept
 */
export function parsePrivateKey(bytes: Uint8Array): PrivateKey {
  const signed = bytes.length === 33 && bytes[0] === 0;
  const digits = signed ? bytes.subarray(1) : bytes;
  const scalar = new Uint8Array(32);
  if (digits.length >= 1 && digits.length <= 32) scalar.set(digits, 32 - digits.length);
  if (digits.length > 32 || !isScalar(scalar)) {
    scalar.fill(0);
    throw new P8eError("key.invalid", "a private key is an integer from 1 to the order of secp256k1 minus 1");
  }
  return new PrivateKey(scalar);
}

/**
 * The protobuf form, `0A20` or `0A21` and the scalar.
 * @throws `key.invalid`, `key.unsupported_curve`
 */
export function privateKeyFromProto(bytes: Uint8Array): PrivateKey {
  let message: scope.PrivateKey;
  try {
    message = fromBinary(scope.PrivateKeySchema, bytes, { readUnknownFields: false });
  } catch {
    // The cause is left out: a decoder's message may quote what it read.
    throw new P8eError("key.invalid", "not the protobuf form of a private key");
  }
  requireSecp256k1(message);
  return parsePrivateKey(message.keyBytes);
}

/**
 * Hex of the protobuf form, in either case: what configurations of the JVM's software hold.
 * @throws `key.invalid`, `key.unsupported_curve`
 */
export function privateKeyFromProtoHex(text: string): PrivateKey {
  const hex = text.trim();
  if (hex.length > 256 || hex.length % 2 !== 0 || !/^[0-9a-fA-F]+$/.test(hex)) {
    throw new P8eError("key.invalid", "a private key is written in hexadecimal");
  }
  const bytes = Buffer.from(hex, "hex");
  try {
    return privateKeyFromProto(bytes);
  } finally {
    bytes.fill(0);
  }
}

/** A fresh key. `random` is asked again in the practically impossible case that it returns no scalar. */
export function generatePrivateKey(random: RandomBytes): PrivateKey {
  for (;;) {
    const candidate = random(32);
    if (isScalar(candidate)) {
      const key = new PrivateKey(candidate.slice());
      candidate.fill(0);
      return key;
    }
  }
}
