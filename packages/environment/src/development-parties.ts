import { encryptionPathBeside, networks, P8eError } from "@p8e/core";

/**
 * The parties of a local environment. Their mnemonics are published (they are the seeded accounts of the JVM stack's
 * local network), so everybody can compare keys and addresses; they must never hold anything of value and are accepted
 * on loopback addresses only.
 */
export interface DevelopmentParty {
  readonly name: string;
  /** How the story and the tables call it. */
  readonly title: string;
  readonly mnemonic: string;
}

/** BIP-32 path of the signing key: the account that the ledger's genesis funds. */
export const DEVELOPMENT_SIGNING_PATH = networks.local.derivationPath;
/** Another key of the same mnemonic, so that nothing works only because both are one. */
export const DEVELOPMENT_ENCRYPTION_PATH = encryptionPathBeside(DEVELOPMENT_SIGNING_PATH);

export const developmentParties: readonly DevelopmentParty[] = [
  {
    name: "lender",
    title: "Lender",
    mnemonic:
      "stable payment cliff fault abuse clinic bus belt film then forward world goose bring picnic rich special brush basic lamp window coral worry change",
  },
  {
    name: "bank",
    title: "Warehouse bank",
    mnemonic:
      "present pulse retreat vault snap buyer purse lift casual horse canal silent quick arrest wedding win slide cool bicycle pride display unhappy assume inside",
  },
  {
    name: "validator",
    title: "Validator",
    mnemonic:
      "genuine kitten liar plunge swim host way stove space room boring interest rose artist into marine mushroom minimum tip unfair nose plunge nest glory",
  },
];

export function developmentParty(name: string): DevelopmentParty | undefined {
  return developmentParties.find((party) => party.name === name);
}

/** @throws `key.unavailable` */
export function requireDevelopmentParty(name: string): DevelopmentParty {
  const party = developmentParty(name);
  if (party === undefined) {
    throw new P8eError("key.unavailable", `there is no development party "${name}"`, {
      facts: { party: name, parties: developmentParties.map((each) => each.name) },
    });
  }
  return party;
}
