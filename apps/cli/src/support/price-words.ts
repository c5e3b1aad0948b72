import type { ChainClient } from "@p8e/chain";
import type { Network } from "@p8e/core";
import type { CommandContext } from "../command-context.ts";
import { formatFee, formatPrice } from "../terminal/format.ts";

/**
 * How prices are told to a person: in dollars, by the conversion that the node names; the exact nhash beside it under
 * `--verbose`; on a network for tests of one's own as test money.
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
  const words = (nhash: bigint) =>
    inDollars ? formatPrice(nhash, { musd: defined.amount, nhash: charged.amount }) : formatFee(nhash);
  return (nhash) => `${words(nhash)}${ofTestMoney(party.profile.network)}${exactly(verbose, nhash)}`;
}

/** How what an account has is told to a person: in hash, otherwise as {@link priceWords}. */
export function balanceWords(
  { verbose }: Pick<CommandContext, "verbose">,
  network: Network,
): (nhash: bigint) => string {
  return (nhash) => `${formatFee(nhash)}${ofTestMoney(network)}${exactly(verbose, nhash)}`;
}

function ofTestMoney({ fees }: Network): string {
  return fees.testMoney ? " of test money" : "";
}

function exactly(verbose: boolean, nhash: bigint): string {
  return verbose ? ` (${nhash} nhash)` : "";
}
