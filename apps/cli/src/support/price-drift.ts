import type { Amount, DefinedPrices, FeeConversion } from "@p8e/chain";
import { formatPrice } from "../terminal/format.ts";

/** One price that two lists do not have alike; without a type that of all types that are not listed. */
export interface PriceDifference {
  readonly type: string | undefined;
  readonly expected: string;
  readonly found: string;
}

/**
 * Where a node's prices are others than expected, among the types that matter here.
 * @param matters which types are compared, beside those that are expected to have a price of their own
 */
export function priceDrift(
  expected: DefinedPrices,
  found: DefinedPrices,
  matters: (type: string) => boolean,
): readonly PriceDifference[] {
  const drift: PriceDifference[] = [];
  const compare = (type: string | undefined, ours: readonly Amount[], theirs: readonly Amount[]) => {
    const [wanted, has] = [wordsOf(ours), wordsOf(theirs)];
    if (wanted !== has) drift.push({ type, expected: wanted, found: has });
  };
  compare(undefined, expected.standard, found.standard);
  const types = new Set([...expected.perType.keys(), ...[...found.perType.keys()].filter(matters)]);
  for (const type of [...types].sort()) {
    compare(type, expected.perType.get(type) ?? expected.standard, found.perType.get(type) ?? found.standard);
  }
  return drift;
}

/** Of one hash, in words: `1 hash is $0.025`. */
export function conversionWords({ defined, charged }: FeeConversion): string {
  if (defined.denomination !== MUSD || charged.denomination !== "nhash") {
    return `${wordsOf([defined])} is charged as ${wordsOf([charged])}`;
  }
  return `1 hash is ${formatPrice(1_000_000_000n, { musd: defined.amount, nhash: charged.amount })}`;
}

const MUSD = "musd";

/** In dollars where the price is defined in them. */
function wordsOf(amounts: readonly Amount[]): string {
  if (amounts.length === 0) return "nothing";
  return amounts
    .map(({ denomination, amount }) =>
      denomination === MUSD ? formatPrice(amount, { musd: 1n, nhash: 1n }) : `${amount} ${denomination}`,
    )
    .join(" and ");
}
