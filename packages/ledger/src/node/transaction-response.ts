import { create, toBinary } from "@bufbuild/protobuf";
import { hexEncode } from "@p8e/core";
import * as cosmos from "@p8e/proto/cosmos";
import type { LedgerEvent } from "../domain/events.ts";
import type { TransactionResult } from "../domain/execute.ts";
import type { Tick } from "./chain-clock.ts";

/** Events as results carry them. */
export function eventsToWire(events: readonly LedgerEvent[]) {
  return events.map(({ type, attributes }) => ({
    type,
    attributes: attributes.map(([key, value]) => ({ key, value, index: true })),
  }));
}

/** A transaction's result as GetTx reports it, without the transaction itself. */
export function transactionResponse(hash: string, result: TransactionResult, block: Tick): cosmos.abci.TxResponse {
  return create(cosmos.abci.TxResponseSchema, {
    height: block.height,
    txhash: hash,
    codespace: result.codespace,
    code: result.code,
    data: hexEncode(result.data).toUpperCase(),
    rawLog: result.log,
    gasWanted: result.gasWanted,
    gasUsed: result.gasUsed,
    timestamp: new Date(block.timeMs).toISOString().replace(/\.\d{3}Z$/, "Z"),
    events: eventsToWire(result.events).map((event) => create(cosmos.abci.EventSchema, event)),
  });
}

/** The bytes that the journal keeps of a result, and compares. */
export function encodeResponse(response: cosmos.abci.TxResponse): Uint8Array {
  return toBinary(cosmos.abci.TxResponseSchema, response);
}
