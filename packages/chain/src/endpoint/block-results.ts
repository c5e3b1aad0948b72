import { create } from "@bufbuild/protobuf";
import { base64Decode, hexEncode, isP8eError, P8eError } from "@p8e/core";
import * as cosmos from "@p8e/proto/cosmos";
import { type ChainHead, transactionHashes } from "./chain-head.ts";
import type { NodeEndpoint } from "./endpoint.ts";
import { isObject, type NodeRpc } from "./node-rpc.ts";

/**
 * Results of transactions from a node that keeps no index of them: every node keeps the results of its blocks
 * (`block_results` of CometBFT's RPC), in the order of the block's transactions.
 */
export class BlockResults {
  readonly #rpc: NodeRpc;
  readonly #node: NodeEndpoint;
  readonly #head: ChainHead;

  constructor(rpc: NodeRpc, node: NodeEndpoint, head: ChainHead) {
    this.#rpc = rpc;
    this.#node = node;
    this.#head = head;
  }

  /** @throws `ledger.wrong_network` if the RPC endpoint is another chain's */
  async requireNetwork(chainId: string, signal?: AbortSignal): Promise<void> {
    const status = await this.#rpc.call("status", {}, signal);
    const info = isObject(status) && isObject(status["node_info"]) ? status["node_info"] : {};
    const network = typeof info["network"] === "string" ? info["network"].slice(0, 60) : "";
    if (network === chainId) return;
    throw new P8eError("ledger.wrong_network", `the node's RPC serves ${network || "no named chain"}, not ${chainId}`, {
      facts: { expected: chainId, actual: network },
      hint: "gRPC and RPC URL belong to the same node.",
    });
  }

  /**
   * What became of a transaction that is in the block at `height`.
   * @throws `rpc.failed` while the node does not have the block's results, or when it has dropped them
   */
  async result(height: bigint, hash: string, signal?: AbortSignal): Promise<cosmos.abci.TxResponse> {
    const block = await this.#head.block(height, { signal });
    const position = transactionHashes(block).indexOf(hash);
    const reply = await this.#rpc.call("block_results", { height: height.toString() }, signal);
    const all = isObject(reply) && reply["height"] === height.toString() ? reply["txs_results"] : undefined;
    if (!Array.isArray(all) || all.length !== block.transactions.length || position < 0) {
      throw unreadable("not the results of the block's transactions");
    }
    const result = readResult(all[position], height, hash);
    await this.#committed(height, signal);
    return result;
  }

  /**
   * Results are kept before the application commits the block; who is told of one will ask for what it did.
   * @throws `ledger.unavailable` until then
   */
  async #committed(height: bigint, signal: AbortSignal | undefined): Promise<void> {
    try {
      await this.#node.ask((call) => this.#node.flatFees.params({}, call), { height, ...(signal ? { signal } : {}) });
    } catch (error) {
      // A node that has dropped the block's state had it.
      if (!isP8eError(error) || error.status.retry || error.code === "rpc.cancelled") throw error;
    }
  }
}

function readResult(result: unknown, height: bigint, hash: string): cosmos.abci.TxResponse {
  if (!isObject(result) || !Number.isInteger(result["code"] ?? 0)) throw unreadable("a result without a code");
  return create(cosmos.abci.TxResponseSchema, {
    height,
    txhash: hash,
    code: Number(result["code"] ?? 0),
    codespace: text(result["codespace"]),
    data: hexEncode(base64Decode(text(result["data"]))).toUpperCase(),
    rawLog: text(result["log"]),
    info: text(result["info"]),
    gasWanted: whole(result["gas_wanted"]),
    gasUsed: whole(result["gas_used"]),
    events: list(result["events"]).map((event) => ({
      type: text(event["type"]),
      attributes: list(event["attributes"]).map(({ key, value }) => ({ key: text(key), value: text(value) })),
    })),
  });
}

/** Absent and null stand for empty. */
function text(value: unknown): string {
  if (value === undefined || value === null) return "";
  if (typeof value !== "string") throw unreadable("a field that is no text");
  return value;
}

function whole(value: unknown): bigint {
  const digits = text(value);
  if (!/^\d{0,20}$/.test(digits)) throw unreadable("an amount of gas that is no whole number");
  return BigInt(digits);
}

function list(value: unknown): readonly Readonly<Record<string, unknown>>[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value) || !value.every(isObject)) throw unreadable("events that are no list");
  return value;
}

function unreadable(what: string): P8eError {
  return new P8eError("rpc.protocol", `the node's RPC sent ${what}`);
}
