import type { AccountPrefix } from "@p8e/core";
import { accountAddress, parsePublicKey, verifyTransactionSignature } from "@p8e/crypto";
import type { Keys } from "../domain/signatures.ts";

/** Public-key cryptography for the ledger's rules. Nothing here can sign. */
export function ledgerKeys(prefix: AccountPrefix): Keys {
  return {
    accountOf: (publicKey) => {
      try {
        return accountAddress(parsePublicKey(publicKey), prefix);
      } catch {
        return undefined;
      }
    },
    verify: (publicKey, signBytes, signature) => {
      try {
        return verifyTransactionSignature(parsePublicKey(publicKey), signBytes, signature);
      } catch {
        return false;
      }
    },
  };
}
