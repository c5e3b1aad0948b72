import type { Network } from "@p8e/core";
import { partyFingerprint } from "../card/fingerprint.ts";
import type { LocatedProfile, Partner, PartyDescription, Profile } from "../profile/profile.ts";

/** A party as programs see it: everything in it is public. */
export interface PartyView {
  readonly name: string;
  readonly title: string;
  readonly address: string;
  readonly storeUrl: string;
  readonly signingKey: string;
  readonly encryptionKey: string;
}

/** Takes the fields one by one, so that nothing else is ever shown. */
export function partyView({ name, title, address, storeUrl, signingKey, encryptionKey }: PartyDescription): PartyView {
  return { name, title, address, storeUrl, signingKey, encryptionKey };
}

/** A partner: whether the own store knows of it, and what tells its keys from others'. */
export interface PartnerView extends PartyView {
  readonly registered: boolean;
  readonly fingerprint: string;
}

/** A partner as a profile of a network has it. */
export function partnerView(partner: Partner, network: Network): PartnerView {
  return {
    ...partyView(partner),
    registered: !partner.toRegister,
    fingerprint: partyFingerprint(partner, network),
  };
}

/** A profile without where its secrets are. */
export interface ProfileView {
  /** The file it comes from. */
  readonly profile: string;
  readonly party: PartyView;
  readonly network: string;
  readonly chainId: string;
  readonly nodeUrl: string;
  readonly partners: readonly PartyView[];
}

/** Nothing in it says where a key or a password is. */
export function profileView({ file, profile }: LocatedProfile): ProfileView {
  return {
    profile: file,
    ...networkView(profile),
    party: partyView(profile.party),
    partners: profile.partners.map(partyView),
  };
}

function networkView({ network, node }: Profile) {
  return { network: network.name, chainId: network.chainId, nodeUrl: node.url };
}
