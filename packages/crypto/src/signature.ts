import { create } from "@bufbuild/protobuf";
import { base64Decode, base64Encode, type HashAlgorithm, P8eError, sha256, sha512 } from "@p8e/core";
import * as scope from "@p8e/proto/scope";
import type { CurveBackend } from "./curve-backend.ts";
import { defaultBackend } from "./default-backend.ts";
import { decodeDerSignature } from "./der-signature.ts";
import type { KeyReference } from "./key-reference.ts";
import { type PublicKey, publicKeyFromMessage } from "./public-key.ts";

/** Every name that may stand in a signature; ECDDSA is ECDSA with RFC 6979 nonces, and verifies alike. */
const HASH_OF = {
  SHA256withECDSA: "sha256",
  SHA256withECDDSA: "sha256",
  SHA512withECDSA: "sha512",
  SHA512withECDDSA: "sha512",
} as const satisfies Record<string, HashAlgorithm>;

/** The names that messages have for signature algorithms, as the JVM calls them. */
export type SignatureAlgorithm = keyof typeof HASH_OF;

/** Ours sign with RFC 6979 nonces under the plain name: readers cannot tell, and old ones know no other. */
export const DEFAULT_SIGNATURE_ALGORITHM: SignatureAlgorithm = "SHA512withECDSA";

/** The name under which the JVM's provider goes; readers of ours ignore it. */
const PROVIDER = "BC";

/** An exact name from the list, else undefined: names reach further than their meaning in the JVM's verifier. */
export function parseSignatureAlgorithm(name: string): SignatureAlgorithm | undefined {
  return Object.hasOwn(HASH_OF, name) ? (name as SignatureAlgorithm) : undefined;
}

/** The hash whose digest that algorithm signs. */
export function signatureHash(algorithm: SignatureAlgorithm): HashAlgorithm {
  return HASH_OF[algorithm];
}

/**
 * Signs a digest and verifies the result before anybody else sees it.
 * @throws `signature.invalid` when the key, wherever it lives, answers with a signature that does not verify
 */
export async function signDigest(
  key: KeyReference,
  algorithm: HashAlgorithm,
  digest: Uint8Array,
  backend: CurveBackend = defaultBackend(),
): Promise<Uint8Array> {
  const signature = await key.signDigest(algorithm, digest);
  if (!verifyDigest(key.publicKey, digest, signature, backend)) {
    throw new P8eError("signature.invalid", "the signing key answered with a signature that does not verify", {
      facts: { publicKey: key.publicKey.base64 },
    });
  }
  return signature;
}

/** Strict DER, either half of s. False for anything else; never throws. */
export function verifyDigest(
  publicKey: PublicKey,
  digest: Uint8Array,
  signature: Uint8Array,
  backend: CurveBackend = defaultBackend(),
): boolean {
  const compact = decodeDerSignature(signature);
  return compact !== undefined && backend.verify(publicKey.uncompressed, digest, compact);
}

/** DER, 70 to 72 bytes as a rule, sometimes shorter. @throws `signature.invalid` as signDigest */
export function signBytes(
  key: KeyReference,
  bytes: Uint8Array,
  algorithm: SignatureAlgorithm = DEFAULT_SIGNATURE_ALGORITHM,
  backend: CurveBackend = defaultBackend(),
): Promise<Uint8Array> {
  return signDigest(key, HASH_OF[algorithm], digestOf(bytes, algorithm), backend);
}

/** Whether this is the signature of that key over the bytes, DER, in either half of s. */
export function verifyBytes(
  publicKey: PublicKey,
  bytes: Uint8Array,
  signature: Uint8Array,
  algorithm: SignatureAlgorithm = DEFAULT_SIGNATURE_ALGORITHM,
  backend: CurveBackend = defaultBackend(),
): boolean {
  return verifyDigest(publicKey, digestOf(bytes, algorithm), signature, backend);
}

/**
 * The message form that contracts carry: algorithm, provider, base64 of the DER, the signer's signing key.
 * @throws `signature.invalid` as signDigest
 */
export async function signMessage(
  key: KeyReference,
  bytes: Uint8Array,
  algorithm: SignatureAlgorithm = DEFAULT_SIGNATURE_ALGORITHM,
  backend: CurveBackend = defaultBackend(),
): Promise<scope.Signature> {
  const signature = await signBytes(key, bytes, algorithm, backend);
  return create(scope.SignatureSchema, {
    algo: algorithm,
    provider: PROVIDER,
    signature: base64Encode(signature),
    signer: { signingPublicKey: { publicKeyBytes: key.publicKey.uncompressed } },
  });
}

/**
 * Who signed `bytes` (as they were received, never re-encoded). That it was somebody is all this says: whether it was
 * the right one is for the caller to compare.
 * @throws `signature.missing` without a signer, `signature.invalid` for any name off the list and whatever does not
 * verify, `key.invalid`, `key.unsupported_curve`
 */
export function verifyMessage(
  message: scope.Signature,
  bytes: Uint8Array,
  backend: CurveBackend = defaultBackend(),
): PublicKey {
  const algorithm = parseSignatureAlgorithm(message.algo);
  if (algorithm === undefined) {
    throw new P8eError("signature.invalid", "the signature names an algorithm that is not accepted", {
      facts: { algorithm: message.algo.slice(0, 64), accepted: Object.keys(HASH_OF) },
    });
  }
  const signer = message.signer?.signingPublicKey;
  if (signer === undefined) throw new P8eError("signature.missing", "the signature does not name its signer");
  const publicKey = publicKeyFromMessage(signer, backend);
  if (!verifyBytes(publicKey, bytes, derOf(message.signature), algorithm, backend)) {
    throw new P8eError("signature.invalid", "the signature does not cover these bytes", {
      facts: { publicKey: publicKey.base64 },
    });
  }
  return publicKey;
}

function derOf(text: string): Uint8Array {
  try {
    return base64Decode(text, "signature");
  } catch (cause) {
    throw new P8eError("signature.invalid", "the signature's text is not base64", { cause });
  }
}

function digestOf(bytes: Uint8Array, algorithm: SignatureAlgorithm): Uint8Array {
  return HASH_OF[algorithm] === "sha256" ? sha256(bytes) : sha512(bytes);
}
