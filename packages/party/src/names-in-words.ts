import { type FactsOf, isP8eError, P8eError } from "@p8e/core";
import { partyOfAddress } from "./known-parties.ts";
import type { Profile } from "./profile/profile.ts";

/** As an account stands in a sentence: its prefix, a 1, and 38 characters (BIP-173) or, of a contract, 58. */
const ACCOUNT = /\b[a-z][a-z0-9]{0,15}1[02-9ac-hj-np-z]{38}(?:[02-9ac-hj-np-z]{20})?\b/g;

/** A sentence with the titles of the parties that a profile knows in the place of their accounts. */
export function withPartyTitles(profile: Profile, sentence: string): string {
  const prefix = `${profile.network.accountPrefix}1`;
  return sentence.replace(ACCOUNT, (address) => {
    const party = address.startsWith(prefix) ? partyOfAddress(profile, address) : undefined;
    return party?.title ?? address;
  });
}

/** An error whose message names parties as people do; its facts keep the accounts. Anything else comes back as it was. */
export function tellParties(thrown: unknown, profile: Profile): unknown {
  if (!isP8eError(thrown)) return thrown;
  const message = withPartyTitles(profile, thrown.message);
  const hint = thrown.hint === undefined ? undefined : withPartyTitles(profile, thrown.hint);
  if (message === thrown.message && hint === thrown.hint) return thrown;
  return new P8eError(thrown.code, message, {
    facts: thrown.facts as FactsOf<typeof thrown.code>,
    hint,
    cause: thrown.cause,
  });
}
