import { type LocatedProfile, type PartyDescription, partyOfAddress } from "@p8e/party";

/** How accounts are told: to a person by title, to a program by the name that options take. */
export interface Names {
  readonly titleOf: (address: string) => string;
  readonly nameOf: (address: string) => string | undefined;
  /** A sentence with the titles of known parties in the place of their accounts. */
  readonly inWords: (sentence: string) => string;
}

/** As an account stands in a sentence: its prefix, a 1, and 38 characters (BIP-173) or, of a contract, 58. */
const ACCOUNT = /\b[a-z]{1,16}1[02-9ac-hj-np-z]{38}(?:[02-9ac-hj-np-z]{20})?\b/g;

/** By the parties that a profile knows. */
export function namesOf({ profile }: Pick<LocatedProfile, "profile">): Names {
  const party = (address: string): PartyDescription | undefined => partyOfAddress(profile, address);
  return {
    titleOf: (address) => party(address)?.title ?? address,
    nameOf: (address) => party(address)?.name,
    inWords: (sentence) =>
      sentence.replace(ACCOUNT, (address) => {
        const known = address.startsWith(`${profile.network.accountPrefix}1`) ? party(address) : undefined;
        return known?.title ?? address;
      }),
  };
}
