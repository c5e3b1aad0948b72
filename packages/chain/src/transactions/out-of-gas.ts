import { isP8eError, P8eError } from "@p8e/core";
import type * as cosmos from "@p8e/proto/cosmos";
import { GAS_LIMIT_MAX, NHASH, sendableGasLimit, type TransactionCost } from "./fees.ts";

/**
 * A transaction that a block included and that ran out of gas there (`sdk/11`): its messages did nothing, its sequence is
 * used, and part of its fee is gone. The same messages may be signed anew, since the first bytes can never do anything.
 */
export interface OutOfGasAttempt {
  /** Upper-case hex. */
  readonly hash: string;
  readonly height: bigint;
  readonly gasLimit: bigint;
  /** In nhash: what the chain kept of the fee. */
  readonly fee: bigint;
}

/** The attempt that a failed transaction's error tells of; undefined for any other error, and where no more gas helps. */
export function outOfGasAttempt(error: unknown): OutOfGasAttempt | undefined {
  if (!isP8eError(error) || error.code !== "ledger.transaction_failed") return undefined;
  const { kind, hash, height, gasLimit, feeTaken } = error.facts;
  if (kind !== "OutOfGas" || typeof hash !== "string") return undefined;
  if (typeof height !== "bigint" || typeof gasLimit !== "bigint" || typeof feeTaken !== "bigint") return undefined;
  return canHaveMore(gasLimit) ? { hash, height, gasLimit, fee: feeTaken } : undefined;
}

/** The limit may have been moved by one at the cap. */
export function canHaveMore(gasLimit: bigint): boolean {
  return gasLimit < GAS_LIMIT_MAX - 1n;
}

/** The cost with at least twice the gas that was not enough, capped. */
export function withMoreGas(cost: TransactionCost, attempt: OutOfGasAttempt | undefined): TransactionCost {
  if (attempt === undefined || cost.gasLimit >= attempt.gasLimit * 2n) return cost;
  return { ...cost, gasLimit: sendableGasLimit(attempt.gasLimit * 2n, cost.fee) };
}

/** @throws `ledger.fee_ceiling` if this transaction, and what an attempt before it took, cost more than is allowed */
export function requireWithinCeiling(
  cost: Pick<TransactionCost, "fee">,
  feeMax: bigint | undefined,
  attempt?: OutOfGasAttempt | undefined,
): void {
  const paid = attempt?.fee ?? 0n;
  if (feeMax === undefined || cost.fee + paid <= feeMax) return;
  throw new P8eError("ledger.fee_ceiling", "the transaction costs more than may be paid for one", {
    facts: { fee: cost.fee, paidBefore: paid, feeMax, denomination: NHASH },
  });
}

/** In nhash: what the chain kept of a failed transaction's fee, as its events tell; all that was offered if they do not. */
export function feeKept(result: Pick<cosmos.abci.TxResponse, "events">, offered: bigint): bigint {
  for (const { type, attributes } of result.events) {
    const fee = type === "tx" ? attributes.find(({ key }) => key === "fee")?.value : undefined;
    const amount = fee === undefined ? undefined : /(?:^|,)(\d{1,80})nhash(?:,|$)/.exec(fee)?.[1];
    if (amount !== undefined) return BigInt(amount);
  }
  return offered;
}
