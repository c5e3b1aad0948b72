import { keyOfAccount, METADATA_MODULE, moduleAddress } from "./addresses.ts";
import { addCoins, type Coin, type Coins, formatCoins } from "./coins.ts";
import { event, type LedgerEvent } from "./events.ts";
import { type Branch, type LedgerState, pairKey } from "./ledger-state.ts";
import { type BlockFacts, ensureAccount } from "./message-context.ts";
import { plainRefusal, sdkRefusal } from "./refusal.ts";

/** The part of a message's context that moving coins needs; fees move outside any message. */
export interface TransferContext {
  readonly branch: Branch;
  readonly block: BlockFacts;
  readonly events: LedgerEvent[];
}

/** What an account, named by its key, holds of a coin. */
export function balanceOf(state: LedgerState, account: string, denom: string): bigint {
  return state.balances.get(pairKey(account, denom)) ?? 0n;
}

function setBalance(branch: Branch, account: string, denom: string, amount: bigint): void {
  if (amount === 0n) {
    branch.delete("balances", pairKey(account, denom));
    branch.delete("holders", pairKey(denom, account));
  } else {
    branch.set("balances", pairKey(account, denom), amount);
    branch.set("holders", pairKey(denom, account), amount);
  }
}

/**
 * Moves coins between two accounts, creating the receiver's.
 * @throws Refusal `sdk/5` when the sender has less
 */
export function transfer(context: TransferContext, from: string, to: string, coins: Coins): void {
  const { branch, events } = context;
  const fromKey = keyOfAccount(from);
  const toKey = keyOfAccount(to);
  refuseMarkers(branch, fromKey, toKey);
  const amount = formatCoins(coins);
  for (const coin of coins) take(branch, fromKey, coin);
  events.push(event("coin_spent", { spender: from, amount }));
  for (const coin of coins) give(branch, toKey, coin);
  events.push(event("coin_received", { receiver: to, amount }));
  ensureAccount(branch, toKey, to);
  events.push(event("transfer", { recipient: to, sender: from, amount }), event("message", { sender: from }));
}

/**
 * One sender, several receivers, in one go.
 * @throws Refusal `sdk/5` when the sender has less than all of it
 */
export function distribute(
  context: TransferContext,
  from: string,
  outputs: readonly { readonly address: string; readonly coins: Coins }[],
): void {
  const { branch, events } = context;
  refuseMarkers(branch, keyOfAccount(from), ...outputs.map(({ address }) => keyOfAccount(address)));
  const total = outputs.reduce<Coins>((sum, { coins }) => addCoins(sum, coins), []);
  for (const coin of total) take(branch, keyOfAccount(from), coin);
  events.push(event("coin_spent", { spender: from, amount: formatCoins(total) }), event("message", { sender: from }));
  for (const { address, coins } of outputs) {
    for (const coin of coins) give(branch, keyOfAccount(address), coin);
    events.push(event("coin_received", { receiver: address, amount: formatCoins(coins) }));
  }
  for (const { address, coins } of outputs) {
    events.push(event("transfer", { recipient: address, sender: from, amount: formatCoins(coins) }));
    ensureAccount(branch, keyOfAccount(address), address);
  }
}

/** New coins for the metadata module, which alone issues here. */
export function mint(context: TransferContext, coin: Coin): void {
  const { branch, block, events } = context;
  const minter = moduleAddress(METADATA_MODULE, block.accountPrefix);
  give(branch, keyOfAccount(minter), coin);
  branch.set("supply", coin.denom, (branch.get("supply", coin.denom) ?? 0n) + coin.amount);
  const amount = formatCoins([coin]);
  events.push(event("coin_received", { receiver: minter, amount }), event("coinbase", { minter, amount }));
}

/** Takes coins of the metadata module out of the world. */
export function burn(context: TransferContext, coin: Coin): void {
  const { branch, block, events } = context;
  const burner = moduleAddress(METADATA_MODULE, block.accountPrefix);
  take(branch, keyOfAccount(burner), coin);
  const left = (branch.get("supply", coin.denom) ?? 0n) - coin.amount;
  if (left === 0n) branch.delete("supply", coin.denom);
  else branch.set("supply", coin.denom, left);
  const amount = formatCoins([coin]);
  events.push(event("coin_spent", { spender: burner, amount }), event("burn", { burner, amount }));
}

/** The one holder of a coin of supply 1, undefined when nobody has it. */
export function denominationOwner(state: LedgerState, denom: string): string | undefined {
  for (const [key] of state.holders.entries(`${denom}/`)) {
    return state.accounts.get(key.slice(denom.length + 1))?.address;
  }
  return undefined;
}

/** Module accounts take no coins from outside. */
export function isBlocked(state: LedgerState, account: string): boolean {
  return state.accounts.get(account)?.kind === "module";
}

function take(branch: Branch, account: string, coin: Coin): void {
  const held = balanceOf(branch.state, account, coin.denom);
  if (held < coin.amount) {
    throw sdkRefusal(
      "insufficientFunds",
      `spendable balance ${held}${coin.denom} is smaller than ${coin.amount}${coin.denom}`,
    );
  }
  setBalance(branch, account, coin.denom, held - coin.amount);
}

function give(branch: Branch, account: string, coin: Coin): void {
  setBalance(branch, account, coin.denom, balanceOf(branch.state, account, coin.denom) + coin.amount);
}

function refuseMarkers(branch: Branch, ...accounts: readonly string[]): void {
  if (accounts.some((account) => branch.get("accounts", account)?.kind === "marker")) {
    throw plainRefusal("deposits to and withdrawals from marker accounts are not supported by the embedded ledger");
  }
}
