import type { OpenParty } from "@p8e/party";
import type { CommandContext } from "../command-context.ts";
import { formatFee, formatPrice } from "../terminal/format.ts";

/**
 * How prices are told to a person: in dollars, by the conversion that the node names; the exact nhash beside it under
 * `--verbose`; on a network whose coin is worth nothing as test money.
 */
export async function priceWords(
  { verbose, signal }: Pick<CommandContext, "verbose" | "signal">,
  party: Pick<OpenParty, "chain" | "profile">,
): Promise<(nhash: bigint) => string> {
  const { defined, charged } = await (await party.chain()).feeConversion({ signal });
  const inDollars = defined.denomination === "musd" && charged.denomination === "nhash";
  const { testMoney } = party.profile.network.fees;
  return (nhash) => {
    const price = inDollars ? formatPrice(nhash, { musd: defined.amount, nhash: charged.amount }) : formatFee(nhash);
    return `${price}${testMoney ? " of test money" : ""}${verbose ? ` (${nhash} nhash)` : ""}`;
  };
}
