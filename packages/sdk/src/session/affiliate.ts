import { create } from "@bufbuild/protobuf";
import { type AccountAddress, type AccountPrefix, P8eError } from "@p8e/core";
import { accountAddress, type KeyReference, type PublicKey } from "@p8e/crypto";
import * as scope from "@p8e/proto/scope";

/** Another party as sessions know it: two public keys, which may be one. */
export interface Affiliate {
  readonly signingKey: PublicKey;
  readonly encryptionKey: PublicKey;
}

/** The party that this process acts for. */
export interface LocalParty {
  readonly signing: KeyReference;
  readonly encryption: KeyReference;
}

/** A party as the others know it. */
export function affiliateOf(party: LocalParty): Affiliate {
  return { signingKey: party.signing.publicKey, encryptionKey: party.encryption.publicKey };
}

/**
 * Resolves addresses found on the ledger to keys. An affiliate is found by either of its two addresses. A directory may
 * live in a file, a database or a service, so it answers with a promise; `undefined` for an address it does not know.
 */
export interface AffiliateDirectory {
  find(address: AccountAddress): Promise<Affiliate | undefined>;
}

/** A directory of the affiliates given, in memory. */
export function affiliateDirectory(affiliates: Iterable<Affiliate>, prefix: AccountPrefix): AffiliateDirectory {
  const byAddress = new Map<string, Affiliate>();
  for (const affiliate of affiliates) {
    byAddress.set(accountAddress(affiliate.signingKey, prefix), affiliate);
    byAddress.set(accountAddress(affiliate.encryptionKey, prefix), affiliate);
  }
  return { find: async (address) => byAddress.get(address) };
}

/** @throws `key.unavailable` */
export async function requireAffiliate(directory: AffiliateDirectory, address: AccountAddress): Promise<Affiliate> {
  return (await requireAffiliates(directory, [address]))[0]!;
}

/** One for each address. @throws `key.unavailable` that names all that are missing */
export async function requireAffiliates(
  directory: AffiliateDirectory,
  addresses: readonly AccountAddress[],
): Promise<readonly Affiliate[]> {
  const found = await Promise.all(addresses.map((address) => directory.find(address)));
  const missing = [...new Set(addresses.filter((_, at) => found[at] === undefined))];
  if (missing.length === 0) return found.flatMap((affiliate) => affiliate ?? []);
  const several = missing.length > 1;
  throw new P8eError(
    "key.unavailable",
    `no keys are known for ${several ? `${missing.length} parties` : "a party"} of this scope`,
    {
      facts: several ? { missing } : { address: missing[0] },
      hint: `Add ${several ? "the parties" : "the party"} to the directory: public keys are needed to encrypt for a party.`,
    },
  );
}

/** Both keys as contracts carry them (p8e-scope-sdk: proto/…/public_key.proto). */
export function keyPairMessage(affiliate: Affiliate): scope.SigningAndEncryptionPublicKeys {
  return create(scope.SigningAndEncryptionPublicKeysSchema, {
    signingPublicKey: { publicKeyBytes: affiliate.signingKey.uncompressed },
    encryptionPublicKey: { publicKeyBytes: affiliate.encryptionKey.uncompressed },
  });
}
