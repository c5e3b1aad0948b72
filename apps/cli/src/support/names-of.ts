import { type LocatedProfile, type PartyDescription, partyOfAddress, withPartyTitles } from "@p8e/party";

/** How accounts are told: to a person by title, to a program by the name that options take. */
export interface Names {
  readonly titleOf: (address: string) => string;
  readonly nameOf: (address: string) => string | undefined;
  /** A sentence with the titles of known parties in the place of their accounts. */
  readonly inWords: (sentence: string) => string;
}

/** By the parties that a profile knows. */
export function namesOf({ profile }: Pick<LocatedProfile, "profile">): Names {
  const party = (address: string): PartyDescription | undefined => partyOfAddress(profile, address);
  return {
    titleOf: (address) => party(address)?.title ?? address,
    nameOf: (address) => party(address)?.name,
    inWords: (sentence) => withPartyTitles(profile, sentence),
  };
}
