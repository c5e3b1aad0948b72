import { P8eError } from "@p8e/core";
import type { PartyCard } from "./card/party-card.ts";
import { PARTNERS_MAX } from "./profile/parse-profile.ts";
import type { PartyName } from "./profile/party-name.ts";
import { type Partner, type Profile, partnerNamed } from "./profile/profile.ts";

/** What a card changes in a profile, for a person to look at before it happens. */
export interface PartnerChange {
  /** The partner as the profile will have it. */
  readonly partner: Partner;
  /** As the profile has it: the partner of the same keys, else the one of that name. */
  readonly before?: Partner;
  /** Whether the partner of that name had another key: somebody else may be behind it. */
  readonly newKeys: boolean;
}

/**
 * The change that a card makes. A partner who is known by his keys keeps the name that he has here; `name` gives one.
 * @throws `input.invalid` for one's own card, or for one that names one's own store; `name.invalid` for a name that is taken
 */
export function changeByCard(profile: Profile, card: PartyCard, name?: PartyName): PartnerChange {
  const own = profile.party;
  const keys = [card.signingKey, card.encryptionKey];
  if (keys.includes(own.signingKey) || keys.includes(own.encryptionKey)) {
    throw new P8eError("input.invalid", "this card has a key of the party itself: it is no partner's", {
      facts: { party: card.name },
    });
  }
  if (sameUrl(card.storeUrl, own.storeUrl)) {
    throw new P8eError("input.invalid", "this card says that the partner's store is at the address of one's own", {
      facts: { party: card.name, storeUrl: card.storeUrl },
      hint: "The partner makes a card with the address at which others reach the store.",
    });
  }
  const known = profile.partners.find((each) => sharesKey(each, card));
  const called = name ?? known?.name ?? card.name;
  const namesake = partnerNamed(profile, called);
  if (called === own.name || (known !== undefined && namesake !== undefined && namesake !== known)) {
    throw new P8eError("name.invalid", `"${called}" is another party's name here`, {
      facts: { name: called },
      hint: "Give the partner another with --name.",
    });
  }
  const before = known ?? namesake;
  const { title, address, signingKey, encryptionKey, storeUrl } = card;
  const partner = { name: called, title, address, signingKey, encryptionKey, storeUrl, toRegister: true };
  const newKeys =
    before !== undefined && (before.signingKey !== card.signingKey || before.encryptionKey !== card.encryptionKey);
  return { partner, ...(before === undefined ? {} : { before }), newKeys };
}

/** The profile with a change made. @throws `input.too_large` for more partners than a profile holds */
export function withPartner(profile: Profile, { partner, before }: PartnerChange): Profile {
  if (before === undefined && profile.partners.length >= PARTNERS_MAX) {
    throw new P8eError("input.too_large", `a profile has at most ${PARTNERS_MAX} partners`, {
      facts: { limit: PARTNERS_MAX },
    });
  }
  const partners =
    before === undefined
      ? [...profile.partners, partner]
      : profile.partners.map((each) => (each.name === before.name ? partner : each));
  return { ...profile, partners };
}

/** The profile without a partner. */
export function withoutPartner(profile: Profile, name: PartyName): Profile {
  return { ...profile, partners: profile.partners.filter((each) => each.name !== name) };
}

/** The profile with these partners known to the own store. */
export function withRegistered(profile: Profile, names: readonly PartyName[]): Profile {
  const partners = profile.partners.map((each) => (names.includes(each.name) ? { ...each, toRegister: false } : each));
  return { ...profile, partners };
}

/** Whether two descriptions of partners say the same of keys and store, so that a confirmation of one is one of the other. */
export function samePartner(one: Partner | undefined, other: Partner | undefined): boolean {
  if (one === undefined || other === undefined) return one === other;
  const fields = ["name", "title", "signingKey", "encryptionKey", "storeUrl"] as const;
  return fields.every((field) => one[field] === other[field]);
}

function sharesKey(one: Partner, other: PartyCard): boolean {
  return one.signingKey === other.signingKey || one.encryptionKey === other.encryptionKey;
}

function sameUrl(one: string, other: string): boolean {
  return one.replace(/\/$/, "").toLowerCase() === other.replace(/\/$/, "").toLowerCase();
}
