import { type ErrorCode, type GrpcStatus, isP8eError, P8eError } from "@p8e/core";
import { verdictOfText } from "../transactions/errors.ts";

/**
 * A failed call to the node as our error: the node's own words where it answered, else what became of the call.
 * `signal` tells a call that we gave up from one that was cut off on the way.
 */
export function nodeError(thrown: unknown, signal?: AbortSignal): P8eError {
  if (!isP8eError(thrown)) return P8eError.from(thrown);
  // Not by the code: a node is nobody of ours, whatever it says of itself.
  const status = thrown.facts["grpcStatus"] as GrpcStatus | undefined;
  const code = status === undefined ? codeOfFailure(thrown.code, signal) : codeOfAnswer(status, thrown.message);
  return new P8eError(code, `the node: ${thrown.message.slice(0, 500)}`, {
    cause: thrown,
    facts: thrown.facts,
    hint: thrown.hint,
  });
}

/**
 * `sdk/26`, whatever its words: the node's application has not come to the block that was asked for. A node shows a block
 * before its application has committed it, a node that has just started has none, and behind one address there may be a
 * node that lags. Asking again helps.
 */
function isNotYet(text: string): boolean {
  const { codespace, code } = verdictOfText(text);
  return codespace === "sdk" && code === 26;
}

/** Nobody has answered: most often because the connection, or a proxy's, was lost. */
function codeOfFailure(code: ErrorCode, signal: AbortSignal | undefined): ErrorCode {
  switch (code) {
    case "rpc.unavailable":
    case "rpc.failed":
    case "rpc.exhausted":
      return "ledger.unavailable";
    case "rpc.cancelled":
      return signal?.aborted ? code : "ledger.unavailable";
    default:
      return code;
  }
}

function codeOfAnswer(status: GrpcStatus, text: string): ErrorCode {
  switch (status) {
    case "UNKNOWN":
      return isNotYet(text) ? "ledger.unavailable" : "rpc.failed";
    case "UNAVAILABLE":
    case "ABORTED":
    case "CANCELLED":
      return "ledger.unavailable";
    case "DEADLINE_EXCEEDED":
      return "rpc.deadline";
    case "NOT_FOUND":
      return "ledger.not_found";
    case "UNIMPLEMENTED":
      return "rpc.unimplemented";
    case "INVALID_ARGUMENT":
      return "input.invalid";
    case "UNAUTHENTICATED":
    case "PERMISSION_DENIED":
      return "rpc.denied";
    default:
      return "rpc.failed";
  }
}
