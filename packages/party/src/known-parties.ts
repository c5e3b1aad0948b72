import { base64Decode, didYouMean, hexDecode, P8eError } from "@p8e/core";
import { accountAddress, type PublicKey, parsePublicKey, publicKeyFromBase64 } from "@p8e/crypto";
import type { Affiliate } from "@p8e/sdk";
import { affiliateOfParty } from "./affiliate-of-party.ts";
import { knownParties, type PartyDescription, type Profile } from "./profile/profile.ts";

/**
 * The party of that name or address: the own one or a partner. An account that no card was added for is not known, whatever
 * the chain says of its key.
 * @throws `key.unavailable`, which names `p8e party add`
 */
export function requireParty(profile: Profile, text: string): PartyDescription {
  return requireParties(profile, [text])[0]!;
}

/** One for each name or address. @throws `key.unavailable` that names all that are not known */
export function requireParties(profile: Profile, texts: readonly string[]): readonly PartyDescription[] {
  const known = knownParties(profile);
  const found = texts.map((text) => known.find((party) => party.name === text) ?? partyOfAddress(profile, text));
  const missing = [...new Set(texts.filter((_, at) => found[at] === undefined))].map((text) => text.slice(0, 120));
  if (missing.length === 0) return found.flatMap((party) => party ?? []);
  const several = missing.length > 1;
  const names = known.map((party) => party.name);
  const named = missing.map((text) => `"${text}"`).join(", ");
  throw new P8eError(
    "key.unavailable",
    `no ${several ? "parties" : "party"} ${named} ${several ? "are" : "is"} known here`,
    {
      facts: { ...(several ? { missing } : { party: missing[0] }), parties: names },
      hint:
        (missing.length === 1 ? didYouMean(missing[0]!, names) : undefined) ??
        "p8e party add makes a partner known, by the card that p8e party card gives at the partner's.",
    },
  );
}

/** Its keys. @throws `key.unavailable`, `key.invalid` */
export function requireAffiliateOf(profile: Profile, text: string): Affiliate {
  return affiliateOfParty(requireParty(profile, text), profile.network.accountPrefix);
}

/** Somebody who can be given an object to read. */
export interface Reader {
  readonly key: PublicKey;
  /** The party's name or, for a key that no known party has, the key itself in base64. */
  readonly name: string;
  /** What a person calls it. */
  readonly title: string;
}

/**
 * Who reads: a party by name or address, or an encryption key in base64 or hexadecimal.
 * @throws `key.unavailable`, `key.invalid`
 */
export function requireReader(profile: Profile, text: string): Reader {
  const key = keyOfText(text);
  if (key === undefined) {
    const party = requireParty(profile, text);
    return { key: publicKeyFromBase64(party.encryptionKey), name: party.name, title: party.title };
  }
  const party = knownParties(profile).find((each) => each.encryptionKey === key.base64);
  return { key, name: party?.name ?? key.base64, title: party?.title ?? key.base64 };
}

/** The known party that an account belongs to: a party is known by the addresses of both its keys. */
export function partyOfAddress(profile: Profile, address: string): PartyDescription | undefined {
  const { accountPrefix } = profile.network;
  if (!address.startsWith(`${accountPrefix}1`)) return undefined;
  return knownParties(profile).find(
    (party) =>
      party.address === address || accountAddress(publicKeyFromBase64(party.encryptionKey), accountPrefix) === address,
  );
}

/** A public key, compressed or not, if the text is one; no name and no address looks like one. */
function keyOfText(text: string): PublicKey | undefined {
  for (const decode of [hexDecode, base64Decode]) {
    try {
      const bytes = decode(text);
      if (bytes.length === 33 || bytes.length === 65) return parsePublicKey(bytes);
    } catch {
      // It is something else.
    }
  }
  return undefined;
}
