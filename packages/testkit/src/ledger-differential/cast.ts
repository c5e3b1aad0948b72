import {
  type AccountPrefix,
  accountAddressFromBytes,
  concatBytes,
  networks,
  sha256,
  type Uuid,
  utf8Encode,
  uuidFromBytes,
} from "@p8e/core";
import { parsePrivateKey } from "@p8e/crypto";
import { type Family, family } from "../ledger-conformance/messages.ts";
import { type Actor, actor } from "../ledger-conformance/transaction.ts";
import type { World } from "../ledger-conformance/world.ts";

/** The people and things of one lane; the same on both nodes, since all of it follows from the seed. */
export interface Cast {
  /** With funds, and have signed before. */
  readonly people: readonly [Actor, Actor, Actor];
  /** With funds, and has never signed. */
  readonly silent: Actor;
  /** Whose account does not exist. */
  readonly stranger: Actor;
  readonly family: Family;
  /** Scopes: the first two exist at the beginning. */
  readonly scopes: readonly [Uuid, Uuid, Uuid];
  readonly sessions: readonly [Uuid, Uuid];
  /** Bytes that nobody has used, always others. */
  readonly fresh: () => Uint8Array;
}

/** The people and things of a lane, by the seed that all of them follow from. */
export function castOf(world: Pick<World, "accountPrefix">, seed: string): Cast {
  const bytes = (name: string) => sha256(concatBytes(utf8Encode(`${seed} ${name}`)));
  const person = (name: string) => actor(parsePrivateKey(bytes(name)), world.accountPrefix);
  const uuid = (name: string) => uuidFromBytes(bytes(name).slice(0, 16));
  let count = 0;
  return {
    people: [person("alice"), person("bob"), person("carol")],
    silent: person("silent"),
    stranger: person("stranger"),
    family: family(uuid("contract"), uuid("specification")),
    scopes: [uuid("scope 1"), uuid("scope 2"), uuid("scope 3")],
    sessions: [uuid("session 1"), uuid("session 2")],
    fresh: () => bytes(`fresh ${count++}`),
  };
}

/** Ways to write an account that somebody might: right ones, and ones that are none. */
export function addressesLike(address: string): readonly string[] {
  const [prefix = ""] = address.split("1");
  const ofBytes = (count: number) => accountAddressFromBytes(prefix as AccountPrefix, new Uint8Array(count).fill(7));
  return [
    address.toUpperCase(),
    `${address.slice(0, 6).toUpperCase()}${address.slice(6)}`,
    "",
    "x",
    ` ${address}`,
    `${address} `,
    `${address.slice(0, -1)}${address.endsWith("q") ? "p" : "q"}`,
    accountAddressFromBytes(otherPrefix(prefix), new Uint8Array(20).fill(5)),
    ofBytes(32),
    ofBytes(5),
    ofBytes(0),
    moduleAddress(prefix as AccountPrefix, "fee_collector"),
    moduleAddress(prefix as AccountPrefix, "metadata"),
    "scope1qzge0zaztu65tx5x5llv5xc9ztsqxlkwel",
  ];
}

/** That of a network where this account is none. */
function otherPrefix(prefix: string): AccountPrefix {
  const { mainnet, testnet } = networks;
  return mainnet.accountPrefix === prefix ? testnet.accountPrefix : mainnet.accountPrefix;
}

/** The account of one of the node's modules. */
function moduleAddress(prefix: AccountPrefix, name: string): string {
  return accountAddressFromBytes(prefix, sha256(utf8Encode(name)).subarray(0, 20));
}
