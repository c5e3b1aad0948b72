import { ecdsa } from "@noble/curves/abstract/weierstrass.js";
import { secp256k1 } from "@noble/curves/secp256k1.js";
import { sha256, sha512 } from "@noble/hashes/sha2.js";
import type { HashAlgorithm } from "@p8e/core";
import type { CurveBackend } from "./curve-backend.ts";

/** The hash drives only the nonces: digests are made elsewhere. */
const signers = { sha256: ecdsa(secp256k1.Point, sha256), sha512: ecdsa(secp256k1.Point, sha512) } as const;

/** JavaScript everywhere: careful, but a just-in-time compiler promises no constant time. */
class PortableBackend implements CurveBackend {
  readonly name = "portable";
  readonly constantTime = false;

  decodePoint(encoded: Uint8Array): Uint8Array | undefined {
    try {
      return secp256k1.Point.fromBytes(encoded).toBytes(false);
    } catch {
      return undefined;
    }
  }

  pointOf(scalar: Uint8Array): Uint8Array {
    return secp256k1.getPublicKey(scalar, false);
  }

  sharedSecret(scalar: Uint8Array, point: Uint8Array): Uint8Array {
    const compressed = secp256k1.getSharedSecret(scalar, point, true);
    const x = compressed.slice(1);
    compressed.fill(0);
    return x;
  }

  sign(scalar: Uint8Array, algorithm: HashAlgorithm, digest: Uint8Array): Uint8Array {
    return signers[algorithm].sign(digest, scalar, { prehash: false, lowS: false, format: "compact" });
  }

  verify(point: Uint8Array, digest: Uint8Array, signature: Uint8Array): boolean {
    return secp256k1.verify(signature, digest, point, { prehash: false, lowS: false, format: "compact" });
  }
}

const backend = new PortableBackend();

/** `@noble/curves`: runs wherever JavaScript does. */
export function portableBackend(): CurveBackend {
  return backend;
}
