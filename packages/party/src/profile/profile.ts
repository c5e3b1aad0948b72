import type { AccountAddress, Network } from "@p8e/core";
import type { PartyKeyReferences } from "@p8e/keys";
import type { PartyName } from "./party-name.ts";

/** A party as others know it. Nothing in it is secret. */
export interface PartyDescription {
  readonly name: PartyName;
  /** How people call it; free text in one line. */
  readonly title: string;
  /** Account of the signing key. */
  readonly address: AccountAddress;
  /** 65-byte points as base64, as audiences name them; both may be the same key. */
  readonly signingKey: string;
  readonly encryptionKey: string;
  /** `grpc://HOST:PORT` of the party's own store. */
  readonly storeUrl: string;
}

/** Another party that this one deals with. */
export interface Partner extends PartyDescription {
  /** Whether the own store still has to be told where this partner's store is. */
  readonly toRegister: boolean;
}

/**
 * What a party needs to take part in a network: `p8e.json`. It holds no secret, so it can be shown, copied and kept in
 * version control; keys and passwords are named by where they are.
 */
export interface Profile {
  readonly party: PartyDescription;
  readonly network: Network;
  /** Where the network is a file's, that file, as the profile names it. */
  readonly networkFile?: string;
  readonly node: ProfileNode;
  readonly keys: ProfileKeys;
  readonly store: ProfileStore;
  /** What one transaction may cost at most: dollars as `$25`, or `2500000000nhash`. No limit when absent. */
  readonly feeMax?: string;
  /** Whose yes the party wants before it signs what others ask it to; anybody's who acts for it when absent. */
  readonly approvers?: ProfileApprovers;
  readonly partners: readonly Partner[];
}

/** Of the people named, so many must say yes. */
export interface ProfileApprovers {
  readonly needed: number;
  readonly people: readonly ProfileApprover[];
}

/** A person who can say yes, with a key that is no key of the party's. */
export interface ProfileApprover {
  readonly name: string;
  /** 65-byte point as base64. */
  readonly signingKey: string;
  /** Where that person finds the key: `file:PATH`, `env:NAME`, `mnemonic-file:PATH`. */
  readonly key: string;
}

/** The PEM files of a client's TLS. */
export interface ProfileTls {
  /** The authority to trust instead of the system's. */
  readonly certificateAuthorityFile?: string;
  /** What the party shows where clients must show a certificate, and its key; both or neither. */
  readonly clientCertificateFile?: string;
  readonly clientKeyFile?: string;
}

/** The PEM files that a store serves with. */
export interface ProfileServing {
  /** The store's certificate, followed by those between it and the authority; it is shown to partners' stores too. */
  readonly certificateFile: string;
  readonly keyFile: string;
  /** With it, only clients whose certificate one of these authorities signed are let in. */
  readonly clientAuthorityFile?: string;
  /** The authorities to trust in partners' stores, instead of the system's. */
  readonly partnerAuthorityFile?: string;
}

/** The node that this party asks. */
export interface ProfileNode extends ProfileTls {
  /** `grpc://HOST:PORT`, or `grpcs://HOST:PORT` with TLS. */
  readonly url: string;
  /** The same node's CometBFT RPC, `http://HOST:PORT` or `https://HOST`: results of nodes without a transaction index. */
  readonly rpcUrl?: string;
}

/** Where the keys are, as texts of the package `keys`, and the paths that they were derived by. */
export interface ProfileKeys extends PartyKeyReferences {
  readonly signingPath: string;
  readonly encryptionPath: string;
}

/**
 * The party's own store as its operator knows it. With `data` the store runs here, and that folder's `store.json` has
 * its database; with `database` it runs on a database elsewhere; with neither it is known by its URL alone.
 */
export interface ProfileStore extends ProfileTls {
  readonly data?: string;
  readonly database?: DatabaseReference;
  /** Folder of the envelopes, beside `database`. */
  readonly storagePath?: string;
  /** Where the envelopes lie instead of a folder, beside `database`: `s3://…` or `gs://…`, as the store reads it. */
  readonly storage?: string;
  /** How the store speaks TLS when it is served from here; plaintext when absent. */
  readonly serves?: ProfileServing;
}

/** A PostgreSQL database, its password by where it is: `env:NAME` or `file:PATH`. */
export interface DatabaseReference {
  readonly host: string;
  readonly port: number;
  readonly name: string;
  readonly user: string;
  readonly passwordReference: string;
  readonly schema: string;
}

/** A profile, and what its relative paths are relative to. */
export interface LocatedProfile {
  readonly profile: Profile;
  /** The file it was read from: a `p8e.json`, or the `environment.json` that offers it. */
  readonly file: string;
  /** Relative paths in the profile begin here. */
  readonly folder: string;
  /** Where state is kept: `.p8e` beside the profile, or the environment's data folder. */
  readonly dataDir: string;
  /** Set where the network is another than the file's, for one call: what is remembered then has a state file of its own. */
  readonly elsewhere?: boolean;
}

/** The partner of that name, undefined when there is none. */
export function partnerNamed(profile: Profile, name: string): Partner | undefined {
  return profile.partners.find((partner) => partner.name === name);
}

/** The party itself and its partners. */
export function knownParties(profile: Profile): readonly PartyDescription[] {
  return [profile.party, ...profile.partners];
}

/** The known party that a key in base64 belongs to. */
export function partyOfKey(profile: Profile, key: string): PartyDescription | undefined {
  return knownParties(profile).find((party) => party.encryptionKey === key || party.signingKey === key);
}
