import { concatBytes, P8eError, sha256 } from "@p8e/core";
import type { CurveBackend } from "./curve-backend.ts";
import { defaultBackend } from "./default-backend.ts";
import { decodeDerSignature } from "./der-signature.ts";
import type { KeyReference } from "./key-reference.ts";
import type { PublicKey } from "./public-key.ts";
import { isLowS, isScalar, negatePublicScalar } from "./scalar.ts";
import { signDigest } from "./signature.ts";

// Chain transactions follow other rules than everything else that is signed: SHA-256, r and s as 64 bytes, low s only.

/**
 * 64 bytes over SHA-256 of a transaction's sign bytes.
 * @throws `signature.invalid` when the key answers with a signature that does not verify
 */
export async function signTransaction(
  key: KeyReference,
  bytes: Uint8Array,
  backend: CurveBackend = defaultBackend(),
): Promise<Uint8Array> {
  const compact = decodeDerSignature(await signDigest(key, "sha256", sha256(bytes), backend));
  if (compact === undefined) throw new P8eError("signature.invalid", "the signing key did not answer in DER");
  const s = compact.subarray(32);
  return isLowS(s) ? compact : concatBytes(compact.subarray(0, 32), negatePublicScalar(s));
}

/** Exactly 64 bytes with a low s; false for everything else, never throws. */
export function verifyTransactionSignature(
  publicKey: PublicKey,
  bytes: Uint8Array,
  signature: Uint8Array,
  backend: CurveBackend = defaultBackend(),
): boolean {
  const [r, s] = [signature.subarray(0, 32), signature.subarray(32)];
  if (signature.length !== 64 || !isScalar(r) || !isScalar(s) || !isLowS(s)) return false;
  return backend.verify(publicKey.uncompressed, sha256(bytes), signature);
}
