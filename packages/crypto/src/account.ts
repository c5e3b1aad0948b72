import { ripemd160 } from "@noble/hashes/legacy.js";
import { type AccountAddress, type AccountPrefix, accountAddressFromBytes, sha256 } from "@p8e/core";
import type { PublicKey } from "./public-key.ts";

/**
 * The account of a key: bech32 of RIPEMD-160 over SHA-256 of the compressed point. RIPEMD-160 is not OpenSSL's, which
 * leaves it out in FIPS builds.
 */
export function accountAddress(publicKey: PublicKey, prefix: AccountPrefix): AccountAddress {
  return accountAddressFromBytes(prefix, ripemd160(sha256(publicKey.compressed)));
}
