import { createHmac, createSecretKey, hkdfSync } from "node:crypto";
import type { HashAlgorithm } from "@p8e/core";

// Keys go in as key objects: on Node 24 that is several times faster than handing over raw bytes for each call.

/** Of the parts, one after another. */
export function hmac(algorithm: HashAlgorithm, key: Uint8Array, ...parts: readonly Uint8Array[]): Uint8Array {
  const mac = createHmac(algorithm, createSecretKey(key));
  for (const part of parts) mac.update(part);
  const digest = mac.digest();
  return new Uint8Array(digest.buffer, digest.byteOffset, digest.byteLength);
}

/** RFC 5869 with SHA-256. An empty salt means 32 zero bytes. */
export function hkdfSha256(
  secret: Uint8Array,
  options: { readonly salt: Uint8Array; readonly info: Uint8Array; readonly length: number },
): Uint8Array {
  return new Uint8Array(hkdfSync("sha256", createSecretKey(secret), options.salt, options.info, options.length));
}
