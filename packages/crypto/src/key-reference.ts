import { type CallOptions, type HashAlgorithm, throwIfCancelled } from "@p8e/core";
import type { CurveBackend } from "./curve-backend.ts";
import { defaultBackend } from "./default-backend.ts";
import { encodeDerSignature } from "./der-signature.ts";
import type { PrivateKey } from "./private-key.ts";
import type { PublicKey } from "./public-key.ts";

/**
 * A private key that somebody holds: this process, a vault, a security module, a remote signer. Two operations are all
 * that p8e ever asks of one, both over values that are computed here: a remote signer sees a digest, never a document.
 */
export interface KeyReference {
  readonly publicKey: PublicKey;
  /**
   * X of the point shared with `peer`, 32 bytes, leading zeros kept, neither hashed nor prefixed. The caller wipes it.
   * @throws `key.unavailable` when the key is not within reach (any more), `rpc.cancelled`
   */
  sharedSecret(peer: PublicKey, options?: CallOptions): Promise<Uint8Array>;
  /**
   * An ECDSA signature in DER over the digest as it is; either half of s.
   * @throws as `sharedSecret`
   */
  signDigest(algorithm: HashAlgorithm, digest: Uint8Array, options?: CallOptions): Promise<Uint8Array>;
}

/** A key in this process's memory, signing with the nonces of RFC 6979. It ends with the private key's disposal. */
export function localKey(privateKey: PrivateKey, backend: CurveBackend = defaultBackend()): KeyReference {
  const publicKey = privateKey.publicKey(backend);
  return {
    publicKey,
    async sharedSecret(peer, { signal } = {}) {
      throwIfCancelled(signal);
      return privateKey.use((scalar) => backend.sharedSecret(scalar, peer.uncompressed));
    },
    async signDigest(algorithm, digest, { signal } = {}) {
      throwIfCancelled(signal);
      return privateKey.use((scalar) => encodeDerSignature(backend.sign(scalar, algorithm, digest)));
    },
  };
}
