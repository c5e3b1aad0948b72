import { Code, ConnectError, type HandlerContext } from "@connectrpc/connect";
import { isP8eError } from "@p8e/core";
import { Refusal, sdkRefusal } from "../domain/refusal.ts";
import type { Ledger, Reading } from "../node/ledger.ts";
import { QueryRefusal } from "../query/account-queries.ts";

const HEIGHT_HEADER = "x-cosmos-block-height";

const statuses = {
  NOT_FOUND: Code.NotFound,
  INVALID_ARGUMENT: Code.InvalidArgument,
  INTERNAL: Code.Internal,
  UNKNOWN: Code.Unknown,
} as const;

/** How an error looks to a client: the chain's codes travel as text in status UNKNOWN, as from a real node. */
function toConnectError(error: unknown): ConnectError {
  if (error instanceof ConnectError) return error;
  if (error instanceof Refusal) {
    return new ConnectError(error.statusText, Code.Unknown);
  }
  if (error instanceof QueryRefusal) return new ConnectError(error.message, statuses[error.status]);
  if (isP8eError(error)) {
    return new ConnectError(error.message, error.code === "ledger.unavailable" ? Code.Unavailable : Code.Internal);
  }
  return new ConnectError("internal error of the embedded ledger", Code.Internal, undefined, undefined, error);
}

/** Answers with whatever `answer` gives or refuses. */
export function answering<Q, R>(answer: (request: Q, context: HandlerContext) => R | Promise<R>) {
  return async (request: Q, context: HandlerContext): Promise<R> => {
    try {
      return await answer(request, context);
    } catch (error) {
      throw toConnectError(error);
    }
  };
}

/** A query over the state at the height that the request's header names, else at the head; the reply names it too. */
export function querying<Q, R>(ledger: Ledger, query: (reading: Reading, request: Q) => R) {
  return answering((request: Q, context: HandlerContext): R => {
    const reading = ledger.read(requestedHeight(context));
    context.responseHeader.set(HEIGHT_HEADER, reading.block.height.toString());
    return query(reading, request);
  });
}

function requestedHeight(context: HandlerContext): bigint | undefined {
  const text = context.requestHeader.get(HEIGHT_HEADER);
  if (text === null || text === "") return undefined;
  if (!/^-?[0-9]{1,18}$/.test(text)) throw sdkRefusal("invalidRequest", `invalid height header "${text.slice(0, 40)}"`);
  return BigInt(text);
}
