import type { ChainClient } from "@p8e/chain";
import type { Network } from "@p8e/core";
import type { CommandContext } from "../command-context.ts";
import { formatCoins, formatPrice } from "../terminal/format.ts";

/**
 * How prices are told to a person: in dollars, by the conversion that the node names; the exact nhash beside it under
 * `--verbose`; on a network for tests of one's own as test money. Where the node names no dollars, in coins.
 */
export async function priceWords(
  { verbose, signal }: Pick<CommandContext, "verbose" | "signal">,
  party: {
    readonly chain: () => Promise<Pick<ChainClient, "feeConversion">>;
    readonly profile: { readonly network: Network };
  },
): Promise<(nhash: bigint) => string> {
  const { defined, charged } = await (await party.chain()).feeConversion({ signal });
  const inDollars = defined.denomination === "musd" && charged.denomination === "nhash";
  const test = party.profile.network.fees.testMoney;
  const words = (nhash: bigint) => {
    if (inDollars)
      return `${formatPrice(nhash, { musd: defined.amount, nhash: charged.amount })}${test ? " of test money" : ""}`;
    // Beside digests, which are hashes too, the coin is called by its smallest unit.
    return test ? formatCoins(nhash, { test }) : `${nhash.toLocaleString("en-US")} nhash`;
  };
  return (nhash) => `${words(nhash)}${exactly(verbose, nhash)}`;
}

/** How what an account has is told to a person: in coins, the exact nhash beside it under `--verbose`. */
export function balanceWords(
  { verbose }: Pick<CommandContext, "verbose">,
  network: Network,
): (nhash: bigint) => string {
  return (nhash) => `${formatCoins(nhash, { test: network.fees.testMoney })}${exactly(verbose, nhash)}`;
}

function exactly(verbose: boolean, nhash: bigint): string {
  return verbose ? ` (${nhash} nhash)` : "";
}
