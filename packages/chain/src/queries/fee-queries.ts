import { P8eError } from "@p8e/core";
import type * as fees from "@p8e/proto/fees";
import type { NodeEndpoint } from "../endpoint/endpoint.ts";
import {
  type Amount,
  addAmounts,
  type DefinedPrices,
  type FeeConversion,
  PriceList,
  parseCoins,
} from "../transactions/fees.ts";

const PAGES_MAX = 50;

/** The whole price list of a node, in the coin that is charged. */
export async function fetchPriceList(node: NodeEndpoint, signal?: AbortSignal): Promise<PriceList> {
  return new PriceList(await fetchPrices(node, { defined: false }, signal));
}

/** The whole price list of a node: as it is defined, or in the coin that is charged. */
export async function fetchPrices(
  node: NodeEndpoint,
  { defined }: { readonly defined: boolean },
  signal?: AbortSignal,
): Promise<DefinedPrices> {
  const prices = new Map<string, readonly Amount[]>();
  let key = new Uint8Array();
  for (let page = 1; ; page += 1) {
    const reply = await node.ask(
      (call) => node.flatFees.allMsgFees({ doNotConvert: defined, pagination: { key, limit: 500n } }, call),
      {
        signal,
      },
    );
    for (const fee of reply.msgFees) prices.set(fee.msgTypeUrl, parseCoins(fee.cost));
    const next = reply.pagination?.nextKey ?? new Uint8Array();
    if (next.length === 0 || page === PAGES_MAX) {
      return { perType: prices, standard: reply.defaultCost ? parseCoins([reply.defaultCost]) : [] };
    }
    key = new Uint8Array(next);
  }
}

/** The conversion in force at the last block. @throws `rpc.protocol` when the node names none, or none that converts */
export async function fetchConversion(node: NodeEndpoint, signal?: AbortSignal): Promise<FeeConversion> {
  const { params } = await node.ask((call) => node.flatFees.params({}, call), { signal });
  const { definitionAmount, convertedAmount } = params?.conversionFactor ?? {};
  const [defined] = parseCoins(definitionAmount === undefined ? [] : [definitionAmount]);
  const [charged] = parseCoins(convertedAmount === undefined ? [] : [convertedAmount]);
  if (!defined || !charged || defined.amount === 0n || charged.amount === 0n) {
    throw new P8eError("rpc.protocol", "the node does not say how its prices are converted");
  }
  return { defined, charged };
}

/** What the node would charge for a transaction without a valid signature, and the gas it would use. */
export async function calculateFees(
  node: NodeEndpoint,
  txBytes: Uint8Array,
  signal?: AbortSignal,
): Promise<{ readonly amounts: readonly Amount[]; readonly estimatedGas: bigint }> {
  const reply: fees.flat.QueryCalculateTxFeesResponse = await node.ask(
    (call) => node.flatFees.calculateTxFees({ txBytes }, call),
    { signal },
  );
  return { amounts: addAmounts([parseCoins(reply.totalFees)]), estimatedGas: reply.estimatedGas };
}
