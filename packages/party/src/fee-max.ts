import type { ChainClient } from "@p8e/chain";
import { P8eError } from "@p8e/core";

/** Thousandths of a US dollar: the unit that Provenance defines its prices in. */
const MUSD = "musd";
/** How a profile and `--fee-max` say it: dollars with up to three decimals, or nhash. */
export const FEE_MAX_FORM =
  /^(?:\$(?<dollars>0|[1-9]\d{0,8})(?:\.(?<decimals>\d{1,3}))?|(?<nhash>0|[1-9]\d{0,29})nhash)$/;
/** What one transaction may cost at most by profiles that `p8e init` makes for a network that is not for tests on one machine. */
export const USUAL_FEE_MAX = "$25";

/**
 * What one transaction may cost at most, in nhash, by the conversion that the node names now.
 * @param text `$25`, `$1.65` or `2500000000nhash`
 * @throws `input.invalid` when it is neither; `configuration.invalid` when the chain defines its prices in no dollars
 */
export async function feeMaxInNhash(
  text: string,
  chain: Pick<ChainClient, "feeConversion">,
  options: { readonly signal?: AbortSignal | undefined } = {},
): Promise<bigint> {
  const said = FEE_MAX_FORM.exec(text)?.groups;
  if (said === undefined) {
    throw new P8eError(
      "input.invalid",
      "the most that a transaction may cost is said as $25, $1.65 or 2500000000nhash",
    );
  }
  const { dollars, decimals = "", nhash } = said;
  if (nhash !== undefined) return BigInt(nhash);
  const { defined, charged } = await chain.feeConversion(options);
  if (defined.denomination !== MUSD || charged.denomination !== "nhash") {
    throw new P8eError("configuration.invalid", "this chain does not define its prices in dollars", {
      facts: { field: "feeMax", definition: defined.denomination, charged: charged.denomination },
      hint: "Say the most that a transaction may cost in nhash.",
    });
  }
  const musd = BigInt(`${dollars}${decimals.padEnd(3, "0")}`);
  return (musd * charged.amount) / defined.amount;
}
