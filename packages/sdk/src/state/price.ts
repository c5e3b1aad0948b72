import type { Amount, TransactionCost } from "@p8e/chain";
import { P8eError } from "@p8e/core";

/** As Cosmos writes coins: `4000000000nhash,5musd`; empty when it costs nothing. */
export function priceText(amounts: readonly Amount[]): string {
  return amounts.map(({ amount, denomination }) => `${amount}${denomination}`).join(",");
}

/** @throws `state.corrupt` */
export function parsePrice(text: string): readonly Amount[] {
  if (text === "") return [];
  return text.split(",").map((coin) => {
    const match = /^(\d{1,80})([a-zA-Z][a-zA-Z0-9/:._-]{1,127})$/.exec(coin);
    if (match === null) throw new P8eError("state.corrupt", "the state file holds a price that is none");
    return { denomination: match[2]!, amount: BigInt(match[1]!) };
  });
}

/** In every coin at most what was agreed. */
export function isWithin(agreed: readonly Amount[], cost: Pick<TransactionCost, "amounts">): boolean {
  return cost.amounts.every(
    ({ denomination, amount }) => amount <= (agreed.find((each) => each.denomination === denomination)?.amount ?? 0n),
  );
}
