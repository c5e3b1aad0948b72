import { Code, ConnectError } from "@connectrpc/connect";
import { type ErrorCode, P8eError } from "@p8e/core";

/** A failed call to the node as our error. `signal` tells a call that we gave up from a stream that the node tore. */
export function nodeError(thrown: unknown, signal?: AbortSignal): P8eError {
  if (thrown instanceof P8eError) return thrown;
  if (signal?.aborted) return new P8eError("rpc.cancelled", "the call to the node was cancelled", { cause: thrown });
  const failure = ConnectError.from(thrown);
  return new P8eError(codeOf(failure), `the node: ${failure.rawMessage.slice(0, 500)}`, {
    cause: thrown,
    facts: { grpc: Code[failure.code] ?? "Unknown" },
  });
}

function codeOf(failure: ConnectError): ErrorCode {
  if (failure.code === Code.DeadlineExceeded) return "rpc.deadline";
  if (isLocalFailure(failure)) return "ledger.unavailable";
  switch (failure.code) {
    case Code.Unavailable:
    case Code.Aborted:
    case Code.Canceled:
      return "ledger.unavailable";
    case Code.NotFound:
      return "ledger.not_found";
    case Code.Unimplemented:
      return "rpc.unimplemented";
    case Code.InvalidArgument:
      return "input.invalid";
    case Code.Unauthenticated:
    case Code.PermissionDenied:
      return "rpc.denied";
    default:
      return "rpc.failed";
  }
}

/** A connection that dies under a call surfaces with any code at all; a node's own answer has no system error behind it. */
function isLocalFailure(failure: ConnectError): boolean {
  for (let cause = failure.cause; cause instanceof Error; cause = cause.cause) {
    if (typeof (cause as { code?: unknown }).code === "string") return true;
  }
  return /^http\/2 stream closed|premature|protocol error: missing/i.test(failure.rawMessage);
}
