import { hexDecode, P8eError } from "@p8e/core";
import { decodeMessage } from "@p8e/decoding";
import * as cosmos from "@p8e/proto/cosmos";
import { transactionError } from "./errors.ts";
import { type Amount, nhashOf } from "./fees.ts";
import { feeKept, type OutOfGasAttempt } from "./out-of-gas.ts";

/** What a transaction did, once it is in a block. */
export interface TransactionReceipt {
  /** Upper-case hex. */
  readonly hash: string;
  readonly height: bigint;
  /** In nhash: what was offered, all of which the chain took. */
  readonly fee: bigint;
  readonly amounts: readonly Amount[];
  readonly gasLimit: bigint;
  readonly events: readonly LedgerEvent[];
  /** One packed response for each message, in order; empty without a result. */
  readonly responses: readonly PackedResponse[];
  /**
   * How success is known: `result` from the node's index or its RPC endpoint; without either, `state` when everything
   * the messages write is there, and `block` when they leave nothing to look at (then only inclusion is certain).
   */
  readonly confirmation: "result" | "state" | "block";
  /** The transaction before this one, which ran out of gas and was paid for too. */
  readonly outOfGas?: OutOfGasAttempt;
}

/** Values of the metadata module's events are JSON: text keeps its quotes. */
export interface LedgerEvent {
  readonly type: string;
  readonly attributes: readonly { readonly key: string; readonly value: string }[];
}

/** A message's response, by its type. */
export interface PackedResponse {
  readonly typeUrl: string;
  readonly value: Uint8Array;
}

/** What is known of a transaction before its result: its hash and what it offered. */
export interface PaidTransaction {
  readonly hash: string;
  readonly amounts: readonly Amount[];
  readonly gasLimit: bigint;
}

/** @throws `ledger.transaction_failed` if it was included and failed */
export function receiptOf(paid: PaidTransaction, result: cosmos.abci.TxResponse): TransactionReceipt {
  const { hash, amounts, gasLimit } = paid;
  const { height, codespace, code, rawLog: log } = result;
  if (code !== 0) {
    const feeTaken = feeKept(result, nhashOf(amounts));
    throw transactionError({ codespace, code, log, phase: "deliver", hash, height, gasLimit, feeTaken });
  }
  return {
    hash,
    height,
    fee: nhashOf(amounts),
    amounts,
    gasLimit,
    events: result.events.map(({ type, attributes }) => ({
      type,
      attributes: attributes.map(({ key, value }) => ({ key, value })),
    })),
    responses: readResponses(result.data),
    confirmation: "result",
  };
}

/** For nodes that prove inclusion and keep no results. */
export function receiptWithoutResult(
  paid: PaidTransaction,
  height: bigint,
  confirmation: "state" | "block",
): TransactionReceipt {
  const { hash, amounts, gasLimit } = paid;
  return { hash, height, fee: nhashOf(amounts), amounts, gasLimit, events: [], responses: [], confirmation };
}

function readResponses(data: string): readonly PackedResponse[] {
  if (data === "") return [];
  try {
    const { msgResponses } = decodeMessage(cosmos.abci.TxMsgDataSchema, hexDecode(data), { what: "the result" });
    return msgResponses.map(({ typeUrl, value }) => ({ typeUrl, value }));
  } catch (cause) {
    throw new P8eError("rpc.protocol", "the node sent a transaction result that cannot be read", { cause });
  }
}
