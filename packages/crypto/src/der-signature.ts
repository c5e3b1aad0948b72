import { concatBytes } from "@p8e/core";
import { isScalar } from "./scalar.ts";

/*
 * SEQUENCE of INTEGER r, INTEGER s. Strict, as the JVM and OpenSSL read it: shortest form, nothing after it, r and s
 * from 1 to the order minus 1. A signature of a 256-bit curve never needs a long-form length.
 */

/** r and s as 64 bytes; undefined for anything but strict DER. */
export function decodeDerSignature(der: Uint8Array): Uint8Array | undefined {
  if (der.length < 8 || der[0] !== 0x30 || der[1] !== der.length - 2) return undefined;
  const r = integerAt(der, 2);
  if (r === undefined) return undefined;
  const s = integerAt(der, r.end);
  if (s === undefined || s.end !== der.length) return undefined;
  return isScalar(r.value) && isScalar(s.value) ? concatBytes(r.value, s.value) : undefined;
}

function integerAt(der: Uint8Array, start: number): { value: Uint8Array; end: number } | undefined {
  const length = der[start + 1];
  if (der[start] !== 0x02 || length === undefined || length < 1 || length > 33) return undefined;
  const end = start + 2 + length;
  if (end > der.length) return undefined;
  let digits = der.subarray(start + 2, end);
  if (digits[0]! >= 0x80) return undefined;
  if (digits[0] === 0 && digits.length > 1) {
    if (digits[1]! < 0x80) return undefined;
    digits = digits.subarray(1);
  }
  if (digits.length > 32) return undefined;
  const value = new Uint8Array(32);
  value.set(digits, 32 - digits.length);
  return { value, end };
}

/** DER of r and s, 64 bytes. */
export function encodeDerSignature(compact: Uint8Array): Uint8Array {
  const body = concatBytes(integer(compact.subarray(0, 32)), integer(compact.subarray(32)));
  return concatBytes(Uint8Array.of(0x30, body.length), body);
}

function integer(value: Uint8Array): Uint8Array {
  const start = value.findIndex((byte) => byte !== 0);
  const digits = value.subarray(start);
  const sign = digits[0]! >= 0x80 ? [0] : [];
  return Uint8Array.of(0x02, sign.length + digits.length, ...sign, ...digits);
}
