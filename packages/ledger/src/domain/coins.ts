import { sdkRefusal } from "./refusal.ts";

/** Amounts by denomination, ascending by denomination, none zero. */
export interface Coin {
  readonly denom: string;
  readonly amount: bigint;
}
/** Several coins, in the order and form of {@link Coin}. */
export type Coins = readonly Coin[];

/** The coin that fees are paid in. */
export const FEE_DENOMINATION = "nhash";
const DENOMINATION = /^[a-zA-Z][a-zA-Z0-9/\-.]{2,127}$/;

/** Whether the text may name a coin. */
export function isDenomination(text: string): boolean {
  return DENOMINATION.test(text);
}

/**
 * The amount of a decoded coin, which is decimal text; undefined for none. Negative numbers are kept. What a message may
 * say beyond that has been read before (`custom-fields.ts`).
 */
export function parseAmount(text: string): bigint | undefined {
  return /^-?[0-9]{1,78}$/.test(text) ? BigInt(text) : undefined;
}

/** How much of a coin there is among several. */
export function amountOf(coins: Coins, denom: string): bigint {
  return coins.find((coin) => coin.denom === denom)?.amount ?? 0n;
}

/** Coins of a message that need not be in order; what is no amount counts as nothing. */
export function coinsOf(given: readonly { readonly denom: string; readonly amount: string }[]): Coins {
  return addCoins(
    given.map(({ denom, amount }) => ({ denom, amount: parseAmount(amount) ?? 0n })),
    [],
  );
}

/** Sorted sum without zeros; a negative `amount` subtracts. */
export function addCoins(left: Coins, right: Coins): Coins {
  const sums = new Map<string, bigint>();
  for (const { denom, amount } of [...left, ...right]) sums.set(denom, (sums.get(denom) ?? 0n) + amount);
  return [...sums]
    .filter(([, amount]) => amount !== 0n)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([denom, amount]) => ({ denom, amount }));
}

/** The difference, where amounts may be negative. */
export function subtractCoins(left: Coins, right: Coins): Coins {
  return addCoins(
    left,
    right.map(({ denom, amount }) => ({ denom, amount: -amount })),
  );
}

/** Whether an amount is below zero. */
export function anyNegative(coins: Coins): boolean {
  return coins.some(({ amount }) => amount < 0n);
}

/** `1a,2b`; empty text for no coins. */
export function formatCoins(coins: Coins): string {
  return coins.map(({ denom, amount }) => `${amount}${denom}`).join(",");
}

/**
 * Coins of a message: well-formed, positive, ascending, no denomination twice.
 * @throws Refusal `sdk/10`
 */
export function requireCoins(given: readonly { readonly denom: string; readonly amount: string }[]): Coins {
  const coins = given.map(({ denom, amount }) => {
    const parsed = parseAmount(amount);
    if (parsed === undefined || parsed <= 0n) throw sdkRefusal("invalidCoins", `amount of ${denom} is not positive`);
    if (!isDenomination(denom)) throw sdkRefusal("invalidCoins", `invalid denom ${denom}`);
    return { denom, amount: parsed };
  });
  if (coins.length === 0) throw sdkRefusal("invalidCoins", "no coins given");
  for (let index = 1; index < coins.length; index++) {
    if (coins[index - 1]!.denom >= coins[index]!.denom) {
      throw sdkRefusal("invalidCoins", "denominations must ascend and not repeat");
    }
  }
  return coins;
}

/** Coins as messages carry them. */
export function toWireCoins(coins: Coins): { denom: string; amount: string }[] {
  return coins.map(({ denom, amount }) => ({ denom, amount: amount.toString() }));
}
