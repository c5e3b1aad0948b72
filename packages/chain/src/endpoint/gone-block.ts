import { isP8eError, P8eError } from "@p8e/core";

/** CometBFT's own words for a block that a node has thrown away, or never had (rpc/core: "height … is not available"). */
export function isGoneBlock(error: unknown): boolean {
  return isP8eError(error) && /height \d+ is not available, lowest height is \d+/.test(error.message);
}

/** That it is so, told. */
export function goneBlock(height: bigint, cause: unknown): P8eError {
  return new P8eError("ledger.not_found", `the node has block ${height} no more`, {
    cause,
    facts: { height },
    hint: "Ask a node that keeps older blocks.",
  });
}
