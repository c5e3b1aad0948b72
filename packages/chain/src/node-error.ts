import { type ErrorCode, type GrpcStatus, isP8eError, P8eError } from "@p8e/core";

/** A failed call to the node as our error: the node's own words where it answered, else what became of the call. */
export function nodeError(thrown: unknown): P8eError {
  if (!isP8eError(thrown)) return P8eError.from(thrown);
  // Not the code: a node is nobody of ours, whatever it says of itself.
  const status = thrown.facts["grpcStatus"] as GrpcStatus | undefined;
  return new P8eError(
    status === undefined ? codeOfFailure(thrown.code) : codeOfAnswer(status),
    `the node: ${thrown.message.slice(0, 500)}`,
    {
      cause: thrown,
      facts: thrown.facts,
      ...(thrown.hint === undefined ? {} : { hint: thrown.hint }),
    },
  );
}

function codeOfFailure(code: ErrorCode): ErrorCode {
  return code === "rpc.unavailable" ? "ledger.unavailable" : code;
}

function codeOfAnswer(status: GrpcStatus): ErrorCode {
  switch (status) {
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
