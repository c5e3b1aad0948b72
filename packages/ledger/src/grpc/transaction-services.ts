import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { packAny } from "@p8e/proto/any";
import * as cosmos from "@p8e/proto/cosmos";
import * as fees from "@p8e/proto/fees";
import { type Route, RpcStatusError, service } from "@p8e/rpc";
import { sdkRefusal } from "../domain/refusal.ts";
import type { CommittedTransaction } from "../node/block-store.ts";
import type { Ledger } from "../node/ledger.ts";
import { eventsToWire } from "../node/transaction-response.ts";
import { allMessageFees, type Estimate, estimate, feeParams, messageFee, simulatedFee } from "../query/fee-queries.ts";
import { answering, querying } from "./answer.ts";
import { blockIdOf, blockOf } from "./block-message.ts";

/** Sending, simulating, pricing and finding transactions. */
export function transactionServices(ledger: Ledger): readonly (readonly Route[])[] {
  return [
    service(cosmos.tx.Service, {
      simulate: answering((request: cosmos.tx.SimulateRequest) => simulate(ledger, request)),
      broadcastTx: answering((request: cosmos.tx.BroadcastTxRequest) => broadcast(ledger, request)),
      getTx: answering((request: cosmos.tx.GetTxRequest) => findTransaction(ledger, request)),
      getBlockWithTxs: answering((request: cosmos.tx.GetBlockWithTxsRequest) => blockWithTransactions(ledger, request)),
      getTxsEvent: answering((): never => {
        throw new RpcStatusError(
          "UNIMPLEMENTED",
          "searching transactions by events is not supported by the embedded ledger; follow its blocks instead",
        );
      }),
    }),
    service(fees.flat.Query, {
      params: querying(ledger, () => feeParams()),
      allMsgFees: querying(ledger, (_, request: fees.flat.QueryAllMsgFeesRequest) => allMessageFees(request)),
      msgFee: querying(ledger, (_, request: fees.flat.QueryMsgFeeRequest) => messageFee(request)),
      calculateTxFees: querying(ledger, (_, request: fees.flat.QueryCalculateTxFeesRequest) =>
        estimateOf(ledger, request.txBytes, request.gasAdjustment),
      ),
    }),
    service(fees.perMessage.Query, {
      calculateTxFees: querying(ledger, (_, request: fees.perMessage.CalculateTxFeesRequest) =>
        estimateOf(ledger, request.txBytes, request.gasAdjustment),
      ),
    }),
  ];
}

function estimateOf(ledger: Ledger, bytes: Uint8Array, gasAdjustment: number): Estimate {
  const result = ledger.simulate(bytes);
  return estimate({ result, fee: simulatedFee(result) }, gasAdjustment);
}

/** As on a real node since flat fees: gas_used is the price in nhash, gas_wanted the gas that was used. */
function simulate(ledger: Ledger, request: cosmos.tx.SimulateRequest): cosmos.tx.SimulateResponse {
  const bytes = request.txBytes.length > 0 ? request.txBytes : encodeLegacy(request.tx);
  const result = ledger.simulate(bytes);
  if (result.code !== 0) throw new RpcStatusError("UNKNOWN", `${result.log} with gas used: '${result.gasUsed}'`);
  const messageData = fromBinary(cosmos.abci.TxMsgDataSchema, result.data);
  return create(cosmos.tx.SimulateResponseSchema, {
    gasInfo: { gasUsed: simulatedFee(result), gasWanted: result.gasUsed },
    result: {
      data: result.data,
      log: result.log,
      events: eventsToWire(result.events),
      msgResponses: messageData.msgResponses,
    },
  });
}

function encodeLegacy(transaction: cosmos.tx.Tx | undefined): Uint8Array {
  if (transaction?.body === undefined || transaction.authInfo === undefined) {
    throw new RpcStatusError("INVALID_ARGUMENT", "empty txBytes is not allowed");
  }
  return toBinary(
    cosmos.tx.TxRawSchema,
    create(cosmos.tx.TxRawSchema, {
      bodyBytes: toBinary(cosmos.tx.TxBodySchema, transaction.body),
      authInfoBytes: toBinary(cosmos.tx.AuthInfoSchema, transaction.authInfo),
      signatures: transaction.signatures,
    }),
  );
}

function broadcast(ledger: Ledger, { txBytes, mode }: cosmos.tx.BroadcastTxRequest): cosmos.tx.BroadcastTxResponse {
  if (txBytes.length === 0) throw new RpcStatusError("INVALID_ARGUMENT", "invalid empty tx");
  const synchronous = mode === cosmos.tx.BroadcastMode.SYNC;
  if (!synchronous && mode !== cosmos.tx.BroadcastMode.ASYNC) {
    throw new RpcStatusError("UNKNOWN", `unsupported return type ${mode}; supported types: sync, async`);
  }
  // A copy: what was decoded is a view into a network buffer, and the ledger keeps it.
  const { hash, result } = ledger.broadcast(new Uint8Array(txBytes));
  const { code, codespace, log } = synchronous ? result : { code: 0, codespace: "", log: "" };
  return create(cosmos.tx.BroadcastTxResponseSchema, {
    txResponse: { txhash: hash, code, codespace, rawLog: log },
  });
}

async function findTransaction(ledger: Ledger, request: cosmos.tx.GetTxRequest): Promise<cosmos.tx.GetTxResponse> {
  if (request.hash === "") throw new RpcStatusError("INVALID_ARGUMENT", "tx hash cannot be empty");
  if (!/^(?:[0-9a-fA-F]{2})+$/.test(request.hash)) throw new RpcStatusError("UNKNOWN", "the tx hash is no hex");
  const found = await ledger.findTransaction(request.hash.toUpperCase());
  if (found === undefined) throw new RpcStatusError("NOT_FOUND", `tx not found: ${request.hash.slice(0, 120)}`);
  const transaction = readTransaction(found);
  return create(cosmos.tx.GetTxResponseSchema, {
    tx: transaction,
    txResponse: { ...found.response, tx: packAny(cosmos.tx.TxSchema, transaction) },
  });
}

function readTransaction({ bytes }: Pick<CommittedTransaction, "bytes">): cosmos.tx.Tx {
  const raw = fromBinary(cosmos.tx.TxRawSchema, bytes);
  return create(cosmos.tx.TxSchema, {
    body: fromBinary(cosmos.tx.TxBodySchema, raw.bodyBytes),
    authInfo: fromBinary(cosmos.tx.AuthInfoSchema, raw.authInfoBytes),
    signatures: raw.signatures,
  });
}

async function blockWithTransactions(
  ledger: Ledger,
  { height, pagination }: cosmos.tx.GetBlockWithTxsRequest,
): Promise<cosmos.tx.GetBlockWithTxsResponse> {
  const block = await ledger.blockAt(height);
  if (block === undefined) {
    throw sdkRefusal("invalidHeight", "requested height is not between 1 and the head");
  }
  const offset = Number(pagination?.offset ?? 0n);
  const limit = Number(pagination?.limit || 100n);
  const part = block.transactions.slice(offset, offset + limit);
  return create(cosmos.tx.GetBlockWithTxsResponseSchema, {
    txs: part.map(readTransaction),
    blockId: blockIdOf(block),
    block: blockOf(ledger, block),
    pagination: { total: BigInt(block.transactions.length) },
  });
}
