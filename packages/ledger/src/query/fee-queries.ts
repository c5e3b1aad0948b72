import { create } from "@bufbuild/protobuf";
import * as fees from "@p8e/proto/fees";
import { FEE_DENOMINATION, parseAmount } from "../domain/coins.ts";
import type { TransactionResult } from "../domain/execute.ts";
import { isOfOtherModule } from "../domain/messages/other-modules.ts";
import { findDefinition } from "../domain/messages/registry.ts";
import { conversionFactor, convertPrice, DEFAULT_PRICE, PRICE_DENOMINATION, prices } from "../domain/prices.ts";
import { sdkRefusal } from "../domain/refusal.ts";
import { SortedMap } from "../domain/sorted-map.ts";
import { paginate } from "./pagination.ts";
import { QueryRefusal } from "./query-refusal.ts";

/** The price list and what a transaction costs (provenance: x/flatfees/keeper/query_server.go). */
const priceMap = SortedMap.fromSorted([...prices]);

function wire(price: bigint, keep: boolean): { denom: string; amount: string } {
  if (keep) return { denom: PRICE_DENOMINATION, amount: price.toString() };
  const { denom, amount } = convertPrice(price);
  return { denom, amount: amount.toString() };
}

/** `provenance.flatfees.v1.Query/Params` */
export function feeParams(): fees.flat.QueryParamsResponse {
  return create(fees.flat.QueryParamsResponseSchema, {
    params: {
      defaultCost: wire(DEFAULT_PRICE, true),
      conversionFactor: {
        definitionAmount: wire(conversionFactor.definition, true),
        convertedAmount: { denom: FEE_DENOMINATION, amount: conversionFactor.converted.toString() },
      },
    },
  });
}

/** `provenance.flatfees.v1.Query/AllMsgFees` */
export function allMessageFees(request: fees.flat.QueryAllMsgFeesRequest): fees.flat.QueryAllMsgFeesResponse {
  const { items, pagination } = paginate(priceMap, request.pagination, {
    paging: "collection",
    bothGiven: "INTERNAL",
  });
  return create(fees.flat.QueryAllMsgFeesResponseSchema, {
    msgFees: items.map(([msgTypeUrl, price]) => ({ msgTypeUrl, cost: [wire(price, request.doNotConvert)] })),
    defaultCost: wire(DEFAULT_PRICE, request.doNotConvert),
    pagination,
  });
}

/** `provenance.flatfees.v1.Query/MsgFee`. @throws QueryRefusal for a type that is none */
export function messageFee(request: fees.flat.QueryMsgFeeRequest): fees.flat.QueryMsgFeeResponse {
  const { msgTypeUrl, doNotConvert } = request;
  const price = prices.get(msgTypeUrl);
  if (price === undefined && findDefinition(msgTypeUrl) === undefined && !isOfOtherModule(msgTypeUrl)) {
    throw new QueryRefusal("INVALID_ARGUMENT", `unknown msg type url "${msgTypeUrl.slice(0, 200)}"`);
  }
  const cost = [wire(price ?? DEFAULT_PRICE, doNotConvert)];
  return create(fees.flat.QueryMsgFeeResponseSchema, { msgFee: { msgTypeUrl, cost } });
}

/** What a transaction would cost. */
export interface Estimate {
  readonly totalFees: { denom: string; amount: string }[];
  readonly estimatedGas: bigint;
}

/** From a simulation's outcome. @throws Refusal `sdk/18` with the cause as text when it failed */
export function estimate(simulated: Simulated, gasAdjustment: number): Estimate {
  if (gasAdjustment > 10) throw sdkRefusal("invalidRequest", "gas adjustment cannot be larger than 10.0");
  if (gasAdjustment < 0) throw sdkRefusal("invalidRequest", "gas adjustment cannot be less than 0.0");
  const { result, fee } = simulated;
  if (result.code !== 0) throw sdkRefusal("invalidRequest", result.log);
  const adjustment = gasAdjustment < 0.0001 ? 1 : gasAdjustment;
  const totalFees = fee === 0n ? [] : [{ denom: FEE_DENOMINATION, amount: fee.toString() }];
  return { totalFees, estimatedGas: BigInt(Math.floor(Number(result.gasUsed) * adjustment)) };
}

/** A simulation, and the price that it names. */
export interface Simulated {
  readonly result: TransactionResult;
  /** nhash: what the transaction costs. */
  readonly fee: bigint;
}

/** The price stands in the fee event of the simulation. */
export function simulatedFee(result: TransactionResult): bigint {
  const total = result.events
    .findLast(({ type, attributes }) => type === "tx" && attributes.some(([name]) => name === "total"))
    ?.attributes.find(([name]) => name === "total")?.[1];
  return parseAmount((total ?? "").replace(FEE_DENOMINATION, "")) ?? 0n;
}
