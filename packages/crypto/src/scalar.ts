import { compareBytes, hexDecode } from "@p8e/core";

/** The order of secp256k1's group. */
const ORDER: bigint = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
const ORDER_BYTES = hexDecode("fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141");
const HALF_ORDER_BYTES = hexDecode("7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0");

/** From 1 to the order minus 1. Not constant time in how close a candidate is to the order, which says nothing. */
export function isScalar(bytes: Uint8Array): boolean {
  return bytes.length === 32 && bytes.some((byte) => byte !== 0) && compareBytes(bytes, ORDER_BYTES) < 0;
}

/** Whether s is in the lower half, as chain transactions must have it. */
export function isLowS(s: Uint8Array): boolean {
  return compareBytes(s, HALF_ORDER_BYTES) <= 0;
}

/** For public values only: BigInt arithmetic is not constant time. */
export function negatePublicScalar(bytes: Uint8Array): Uint8Array {
  return scalarBytes(ORDER - publicInteger(bytes));
}

/** A digest's leftmost 32 bytes, reduced, as RFC 6979 feeds them to its generator (bits2octets). */
export function reduceDigest(digest: Uint8Array): Uint8Array {
  return scalarBytes(publicInteger(digest.subarray(0, 32)) % ORDER);
}

function publicInteger(bytes: Uint8Array): bigint {
  let value = 0n;
  for (const byte of bytes) value = (value << 8n) | BigInt(byte);
  return value;
}

function scalarBytes(value: bigint): Uint8Array {
  return hexDecode(value.toString(16).padStart(64, "0"));
}
