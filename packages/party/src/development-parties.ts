import { encryptionPathBeside, networks, P8eError } from "@p8e/core";
import type { Profile } from "./profile/profile.ts";

/**
 * The parties of a local environment. Their mnemonics are published (the first three are seeded accounts of the JVM
 * stack's local network), so everybody can compare keys and addresses; they must never hold anything of value and are
 * accepted on loopback addresses only. In everything else they are parties like any other, each with a profile.
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

/** All of them. */
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
  {
    name: "servicer",
    title: "Servicer",
    mnemonic:
      "neither figure random rule cycle smoke top become exile soup project magnet inhale advice solar gloom razor ripple amount unique sister unveil cannon chief",
  },
  {
    name: "investor",
    title: "Investor",
    mnemonic:
      "mention evidence easily fortune correct oval icon eyebrow sniff loop catalog assume general enjoy furnace charge struggle chat bag bench hole shock viable size",
  },
];

/** Which of them it is by name; undefined for any other. */
export function developmentParty(name: string): DevelopmentParty | undefined {
  return developmentParties.find((party) => party.name === name);
}

/** Public keys of the development parties, both of each, in base64: compared with a profile's before it is used. */
const publicKeys: ReadonlyMap<string, string> = new Map([
  ["BHhDqxYYRmVbduBeVuKKELggXQ/bbXw2MfjYyvg1wpaSNFKk7Z9i7b2lcGl+Y82W6KrNeDOU/t9iZh6VzE999RA=", "lender"],
  ["BIoLPPpWl9F/06Dxk8s3nOMhU+ckm/+Ogqk/lNqAiN0yaXFdep7dDsewo4lndNBLXbHt4Y1911QMLlDkopISAQQ=", "lender"],
  ["BF3okuBrFPDPpbN/QVzk7qVkLPT7vpdWXNTYp4zhXuMOSVf3jNKghLffZ/SYh/4ZMF2zSFgGzOyHc075xtBY8bA=", "bank"],
  ["BJERbTMTiiNdZSBoSlfNO7+SLBPcSE8qnyKp1aj6i8/eUdIDH2rGnKEZWBpQ+KsxDipBqrhSCJ8ekvwkLwJgw50=", "bank"],
  ["BGZ/6dcW5Ps/OHP7Y+nS1bjF8Nf4pi5ka6b/wuAmCNdpYxUifSil4TdvS+DxVzhvOK9CzkiszBKeR6NEpwVTTkU=", "validator"],
  ["BPLcmDXPEBp7tuB8DcaA46JoHhcCZ9ekx3bFw48agrTNcPQhUelo/sBTlssGY9nP4IGUIf5CMnMsP3309Re2m7E=", "validator"],
  ["BPRZXmVbx3FN0jBri+1g4iVzpifEx3CR21lGPV5gLI0zfimFdDmr+NFA31VI7b7uJ75AXlyUGcENPJ11mZl36CA=", "servicer"],
  ["BBpv4horBIMXD8GHf/Hgt3onkqZXX8dgCL1WJcC2RnSseJS5TXY5OH8McB6AKw6vkm45GXH40R09YVp9uGPtt6Y=", "servicer"],
  ["BLwlfxy3y3Z7Vea2o36AZHimr9tNKirBdDfDUb3RgGl39zHhpss8c0UY2odi0tsC5ezkO+QW2n3GSdeA/VG/0GM=", "investor"],
  ["BLlFCQe2NI1vQHbF1bHtKh/tvP2S/m+SrGpYn3NdTyeyu1947XHA+U4ndeLVt/SzO8llKutXamMTtKvHno+Djmc=", "investor"],
]);

/**
 * Everybody has the private keys of the development parties: they are used on this machine only.
 * @throws `key.invalid` when a profile has one of those keys and an address that is not on loopback
 */
export function requireOwnKeys(profile: Profile): void {
  const name = [profile.party.signingKey, profile.party.encryptionKey].map((key) => publicKeys.get(key)).find(Boolean);
  if (name === undefined) return;
  for (const url of [profile.party.storeUrl, profile.node.url]) {
    if (isLoopback(url)) continue;
    throw new P8eError(
      "key.invalid",
      "the keys of development parties are public: they are used on this machine only",
      { facts: { party: name, url }, hint: "Use keys of your own for servers elsewhere." },
    );
  }
}

/** Whether a URL's host is this machine by its own name or number. */
export function isLoopback(url: string): boolean {
  let host: string;
  try {
    host = new URL(url).hostname;
  } catch {
    return false;
  }
  return /^(127(\.\d{1,3}){3}|localhost|\[::1\])$/.test(host);
}
