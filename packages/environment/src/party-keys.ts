import { P8eError } from "@p8e/core";
import { localKey, privateKeyFromMnemonic } from "@p8e/crypto";
import {
  DEVELOPMENT_ENCRYPTION_PATH,
  DEVELOPMENT_SIGNING_PATH,
  type DevelopmentParty,
  developmentParties,
  developmentParty,
} from "@p8e/party";
import type { LocalParty } from "@p8e/sdk";

/** The keys of a party, as long as this lives. */
export interface PartyKeys extends LocalParty, Disposable {}

/**
 * The keys of a development party, for servers on this machine only: everybody knows them.
 * @throws `key.unavailable`, `key.invalid` when an address is not on loopback
 */
export function developmentKeys(name: string, urls: readonly string[]): PartyKeys {
  const party = developmentParty(name);
  if (party === undefined) {
    throw new P8eError("key.unavailable", `there is no party "${name}" here`, {
      facts: { party: name, parties: developmentParties.map((each) => each.name) },
    });
  }
  for (const url of urls) requireLoopback(url, name);
  return keysOf(party);
}

export function keysOf(party: DevelopmentParty): PartyKeys {
  const signing = privateKeyFromMnemonic(party.mnemonic, DEVELOPMENT_SIGNING_PATH);
  const encryption = privateKeyFromMnemonic(party.mnemonic, DEVELOPMENT_ENCRYPTION_PATH);
  return {
    signing: localKey(signing),
    encryption: localKey(encryption),
    [Symbol.dispose]() {
      signing[Symbol.dispose]();
      encryption[Symbol.dispose]();
    },
  };
}

function requireLoopback(url: string, party: string): void {
  let host: string;
  try {
    host = new URL(url).hostname;
  } catch {
    host = "";
  }
  if (!/^(127(\.\d{1,3}){3}|localhost|\[::1\])$/.test(host)) {
    throw new P8eError(
      "key.invalid",
      "the keys of development parties are public: they are used on this machine only",
      {
        facts: { party, url },
        hint: "Use keys of your own for servers elsewhere.",
      },
    );
  }
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
