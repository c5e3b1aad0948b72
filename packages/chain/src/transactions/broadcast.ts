import { isP8eError, transactionHash } from "@p8e/core";
import * as cosmos from "@p8e/proto/cosmos";
import type { NodeEndpoint } from "../endpoint/endpoint.ts";
import { parseSequenceMismatch, transactionError } from "./errors.ts";
import type { BroadcastReply } from "./sequence-lane.ts";

/** Sends a transaction to the node's pool and says what came back. Throws only when `signal` fires. */
export async function broadcast(node: NodeEndpoint, bytes: Uint8Array, signal?: AbortSignal): Promise<BroadcastReply> {
  const request = { txBytes: new Uint8Array(bytes), mode: cosmos.tx.BroadcastMode.SYNC };
  try {
    const reply = await node.tell((call) => node.transactions.broadcastTx(request, call), { signal });
    const { codespace = "", code = 0, rawLog = "" } = reply.txResponse ?? {};
    return readBroadcastReply({ codespace, code, rawLog }, transactionHash(bytes));
  } catch (error) {
    if (signal?.aborted || !isP8eError(error) || error.code === "rpc.cancelled") throw error;
    // An error instead of an answer: only these say that the node itself took a decision.
    const decided =
      ["rpc.unimplemented", "rpc.denied", "input.invalid"].includes(error.code) ||
      error.facts["grpcStatus"] === "RESOURCE_EXHAUSTED";
    return { outcome: decided ? "refused" : "unknown", error };
  }
}

/** What a node's answer to a broadcast means for its sender. */
export function readBroadcastReply(
  reply: { readonly codespace: string; readonly code: number; readonly rawLog: string },
  hash: string,
): BroadcastReply {
  if (reply.code === 0) return { outcome: "accepted" };
  const { codespace, code, rawLog: log } = reply;
  const error = transactionError({ codespace, code, log, phase: "check", hash });
  switch (error.facts["kind"]) {
    case "AlreadyInMempool":
      return { outcome: "already", error };
    case "MempoolFull":
      return { outcome: "busy", error };
    case "SequenceMismatch": {
      const numbers = parseSequenceMismatch(log);
      return numbers === undefined ? { outcome: "refused", error } : { outcome: "sequence", ...numbers, error };
    }
    default:
      return { outcome: "refused", error };
  }
}
