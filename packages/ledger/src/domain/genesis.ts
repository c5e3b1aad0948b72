import { type AccountPrefix, P8eError } from "@p8e/core";
import {
  type AccountKey,
  accountKey,
  accountOfKey,
  FEE_COLLECTOR,
  METADATA_MODULE,
  moduleAddress,
} from "./addresses.ts";
import { FEE_DENOMINATION } from "./coins.ts";
import { Branch, emptyState, type LedgerState, pairKey } from "./ledger-state.ts";
import type { BlockFacts } from "./message-context.ts";
import { addAccount } from "./message-context.ts";

/** An account that exists from the beginning. */
export interface GenesisAccount {
  /** bech32 text. */
  readonly address: string;
  /** nhash. */
  readonly amount: bigint;
}

const COMPOSE_AMOUNT = 12_500_000_000_000_000_000n;

/** The accounts of the reference's local network, by the bytes of their addresses, in its order; their keys are public. */
const composeKeys: readonly AccountKey[] = [
  "bc3e948c4b906252b4faeaa89baad743f1a9663d",
  "2e90f2f1006bc77b011cae26d2fb3aa76d9015bb",
  "32d28679b266469dbceca831ced51d3a3f133026",
  "05d803cf1a253ec7c16d1d856ae52c2392a3c97c",
  "bdb7907d621df85360a6f6da337b1f4e7d2a21c1",
  "019a2fbbe0ea23baeb48820308d5bbe69ef2eae0",
  "651a5e66d10381755083c5e4a7eec81da0d49086",
  "86bd695c155bdc9ff49fc0cd93c562cef8b52301",
];
/** The account of the fee coin's marker there, and who administers it. */
const composeMarker: AccountKey = "08cb1c01b7ad933d8ed3bbba7f76801b8ce2da2d";
const composeAdministrator: AccountKey = "651a5e66d10381755083c5e4a7eec81da0d49086";

/** Every one of them with the same amount. */
export function composeAccounts(prefix: AccountPrefix): readonly GenesisAccount[] {
  return composeKeys.map((key) => ({ address: accountOfKey(key, prefix), amount: COMPOSE_AMOUNT }));
}

const moduleNames = [FEE_COLLECTOR, METADATA_MODULE, "authz", "gov", "mint"];

/**
 * The first state: the given accounts numbered in order, the marker of the fee coin, then module accounts. Nobody has signed yet, so to the rules every plain account here still looks like a smart contract.
 * @throws `configuration.invalid` for an address of another network, one given twice or a negative amount
 */
export function genesisState(
  accounts: readonly GenesisAccount[],
  { accountPrefix }: Pick<BlockFacts, "accountPrefix">,
): LedgerState {
  const branch = new Branch(emptyState());
  let supply = 0n;
  for (const { address, amount } of accounts) {
    const key = accountKey(address, accountPrefix);
    if (key === undefined || amount < 0n || branch.has("accounts", key)) {
      throw new P8eError("configuration.invalid", "a genesis account is invalid or given twice", {
        facts: { address, amount },
      });
    }
    addAccount(branch, key, { address, kind: "base", name: "", manager: "" });
    if (amount === 0n) continue;
    branch.set("balances", pairKey(key, FEE_DENOMINATION), amount);
    branch.set("holders", pairKey(FEE_DENOMINATION, key), amount);
    supply += amount;
  }
  if (supply > 0n) branch.set("supply", FEE_DENOMINATION, supply);
  if (!branch.has("accounts", composeMarker)) {
    addAccount(branch, composeMarker, {
      address: accountOfKey(composeMarker, accountPrefix),
      kind: "marker",
      name: FEE_DENOMINATION,
      manager: accountOfKey(composeAdministrator, accountPrefix),
    });
  }
  for (const name of moduleNames) {
    const address = moduleAddress(name, accountPrefix);
    const key = accountKey(address, accountPrefix);
    if (key !== undefined) addAccount(branch, key, { address, kind: "module", name, manager: "" });
  }
  return branch.state;
}
