import type { HashAlgorithm } from "@p8e/core";
import { hmac } from "./hmac.ts";
import { reduceDigest } from "./scalar.ts";
import type { SecretScope } from "./secret-memory.ts";

/**
 * The nonces of RFC 6979 (section 3.2) for one scalar and digest: the first that is a valid scalar signs. The HMAC is of
 * the hash that made the digest, as the JVM's deterministic signers have it. Returned buffers belong to `secrets`.
 */
export function deterministicNonces(
  algorithm: HashAlgorithm,
  scalar: Uint8Array,
  digest: Uint8Array,
  secrets: SecretScope,
): () => Uint8Array {
  const length = algorithm === "sha256" ? 32 : 64;
  const reduced = reduceDigest(digest);
  let key = secrets.allocate(length);
  let value = secrets.allocate(length).fill(1);
  for (const round of [0, 1]) {
    key = secrets.adopt(hmac(algorithm, key, value, Uint8Array.of(round), scalar, reduced));
    value = secrets.adopt(hmac(algorithm, key, value));
  }
  let first = true;
  return () => {
    if (!first) {
      key = secrets.adopt(hmac(algorithm, key, value, Uint8Array.of(0)));
      value = secrets.adopt(hmac(algorithm, key, value));
    }
    first = false;
    value = secrets.adopt(hmac(algorithm, key, value));
    return secrets.adopt(value.slice(0, 32));
  };
}
