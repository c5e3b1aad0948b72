import { type ErrorCode, type GrpcStatus, isP8eError, P8eError } from "@p8e/core";
import { verdictOfText } from "./errors.ts";

/**
 * A failed call to the node as our error: the node's own words where it answered, else what became of the call.
 * @param options `cancelledHere` is false when a cancelled call was the other side's doing: then nobody knows what it did
 */
export function nodeError(
  thrown: unknown,
  options: { readonly cancelledHere: boolean } = { cancelledHere: true },
): P8eError {
  if (!isP8eError(thrown)) return P8eError.from(thrown);
  // Not the code: a node is nobody of ours, whatever it says of itself.
  const status = thrown.facts["grpcStatus"] as GrpcStatus | undefined;
  return new P8eError(
    status === undefined ? codeOfFailure(thrown.code, options.cancelledHere) : codeOfAnswer(status, thrown.message),
    `the node: ${thrown.message.slice(0, 500)}`,
    {
      cause: thrown,
      facts: thrown.facts,
      ...(thrown.hint === undefined ? {} : { hint: thrown.hint }),
    },
  );
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

function codeOfFailure(code: ErrorCode, cancelledHere: boolean): ErrorCode {
  const away = code === "rpc.unavailable" || (code === "rpc.cancelled" && !cancelledHere);
  return away ? "ledger.unavailable" : code;
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
