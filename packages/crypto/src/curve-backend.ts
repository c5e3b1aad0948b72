import type { HashAlgorithm } from "@p8e/core";

/**
 * Arithmetic on secp256k1, and nothing else: encodings, checks of input and the choice of nonces are the callers' and
 * the same for every back end. Scalars are 32 bytes from 1 to the order minus 1, points 65 bytes (`04`, X, Y) on the
 * curve, signatures 64 bytes (r, s, each valid), digests the full 32 or 64 bytes, of which ECDSA uses the first 32.
 */
export interface CurveBackend {
  readonly name: "native" | "portable";
  /** Whether work with a scalar takes the same time for all of them, so that nobody can learn one by measuring. */
  readonly constantTime: boolean;
  /** The 65-byte form of a 33- or 65-byte point; undefined when it is not on the curve. */
  decodePoint(encoded: Uint8Array): Uint8Array | undefined;
  pointOf(scalar: Uint8Array): Uint8Array;
  /** X of the shared point, 32 bytes, leading zeros kept. The caller wipes it. */
  sharedSecret(scalar: Uint8Array, point: Uint8Array): Uint8Array;
  /** With the nonce of RFC 6979 over HMAC of `algorithm`; s as it comes out, not lowered. */
  sign(scalar: Uint8Array, algorithm: HashAlgorithm, digest: Uint8Array): Uint8Array;
  /** Accepts either half of s. */
  verify(point: Uint8Array, digest: Uint8Array, signature: Uint8Array): boolean;
}
