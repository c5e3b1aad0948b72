import type { AccountAddress, AccountPrefix } from "@p8e/core";
import { accountAddress, type KeyReference, signTransaction } from "@p8e/crypto";

/** Who can sign transactions for an account: a key in memory, or one that never leaves its vault or device. */
export interface LedgerSigner {
  readonly address: AccountAddress;
  /** secp256k1, compressed: 33 bytes. */
  readonly publicKey: Uint8Array;
  /** The signature over SHA-256 of the sign document's bytes: 64 bytes, r and s, s in the lower half of the order. */
  signDirect(signDocument: Uint8Array, signal?: AbortSignal): Promise<Uint8Array>;
}

/** A key of ours as a signer on the network of `prefix`. */
export function ledgerSigner(key: KeyReference, prefix: AccountPrefix): LedgerSigner {
  return {
    address: accountAddress(key.publicKey, prefix),
    publicKey: key.publicKey.compressed,
    signDirect: (signDocument) => signTransaction(key, signDocument),
  };
}
