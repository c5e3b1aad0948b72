import { type AccountPrefix, P8eError } from "@p8e/core";
import { accountAddress, publicKeyFromBase64 } from "@p8e/crypto";
import type { Affiliate } from "@p8e/sdk";
import type { PartyDescription } from "./profile/profile.ts";

/**
 * The keys of a party that a profile names.
 * @throws `key.invalid` when they are no keys, or the address is another key's
 */
export function affiliateOfParty(party: PartyDescription, prefix: AccountPrefix): Affiliate {
  const signingKey = publicKeyFromBase64(party.signingKey);
  const encryptionKey = publicKeyFromBase64(party.encryptionKey);
  if (accountAddress(signingKey, prefix) !== party.address) {
    throw new P8eError("key.invalid", `the address of ${party.name} is not its signing key's`, {
      facts: { party: party.name, address: party.address },
      hint: "Its line in the profile was changed by hand: add the party's card again.",
    });
  }
  return { signingKey, encryptionKey };
}
