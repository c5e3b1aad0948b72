import { P8eError } from "@p8e/core";
import { accountKey, FEE_COLLECTOR, METADATA_MODULE, moduleAddress } from "./addresses.ts";
import { FEE_DENOMINATION } from "./coins.ts";
import { Branch, emptyState, type LedgerState, pairKey } from "./ledger-state.ts";
import type { BlockFacts } from "./message-context.ts";
import { addAccount } from "./message-context.ts";

export interface GenesisAccount {
  /** bech32 text. */
  readonly address: string;
  /** nhash. */
  readonly amount: bigint;
}

const COMPOSE_AMOUNT = 12_500_000_000_000_000_000n;

/** The accounts of the reference's local network, in its order; their keys are public. */
export const composeAccounts: readonly GenesisAccount[] = [
  "tp1hslffrztjp399d86a25fh2khg0c6je3achzhyj",
  "tp196g09ugqd0rhkqgu4cnd97e65akeq9dmhttc25",
  "tp1xtfgv7djverfm08v4qcua4ga8gl3xvpx426ngx",
  "tp1qhvq8nc6y5lv0stdrkzk4efvywf28jtu9lhkag",
  "tp1hkmeqltzrhu9xc9x7mdrx7clfe7j5gwpvp82f0",
  "tp1qxdzlwlqag3m466gsgps34dmu60096hq2dn9yl",
  "tp1v5d9uek3qwqh25yrchj20mkgrksdfyyxhnsdag",
  "tp1s67kjhq4t0wflaylcrxe83tzemut2gcp2kqzua",
].map((address) => ({ address, amount: COMPOSE_AMOUNT }));

const COMPOSE_MARKER = "tp1pr93cqdh4kfnmrknhwa87a5qrwxw9k3dhkszp0";
const COMPOSE_ADMINISTRATOR = "tp1v5d9uek3qwqh25yrchj20mkgrksdfyyxhnsdag";
const moduleNames = [FEE_COLLECTOR, METADATA_MODULE, "authz", "gov", "mint"];

/**
 * The first state: the given accounts numbered in order, on a `tp` network the marker of the fee coin, then module
 * accounts. Nobody has signed yet, so to the rules every plain account here still looks like a smart contract.
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
  const marker = accountKey(COMPOSE_MARKER, accountPrefix);
  if (marker !== undefined && !branch.has("accounts", marker)) {
    addAccount(branch, marker, {
      address: COMPOSE_MARKER,
      kind: "marker",
      name: FEE_DENOMINATION,
      manager: COMPOSE_ADMINISTRATOR,
    });
  }
  for (const name of moduleNames) {
    const address = moduleAddress(name, accountPrefix);
    const key = accountKey(address, accountPrefix);
    if (key !== undefined) addAccount(branch, key, { address, kind: "module", name, manager: "" });
  }
  return branch.state;
}
