import { isP8eError } from "@p8e/core";
import { type RpcContext, RpcStatusError } from "@p8e/rpc";
import { Refusal, sdkRefusal } from "../domain/refusal.ts";
import type { Ledger, Reading } from "../node/ledger.ts";
import { QueryRefusal } from "../query/query-refusal.ts";

const HEIGHT_HEADER = "x-cosmos-block-height";

/** How an error looks to a client: the chain's codes travel as text in status UNKNOWN, as from a real node. */
function statusError(error: unknown): RpcStatusError {
  if (error instanceof RpcStatusError) return error;
  if (error instanceof Refusal) return new RpcStatusError("UNKNOWN", error.statusText);
  if (error instanceof QueryRefusal) return new RpcStatusError(error.status, error.message);
  if (isP8eError(error)) {
    return new RpcStatusError(error.code === "ledger.unavailable" ? "UNAVAILABLE" : "INTERNAL", error.message);
  }
  return new RpcStatusError("INTERNAL", "internal error of the embedded ledger", { cause: error });
}

/** Answers with whatever `answer` gives or refuses. */
export function answering<Q, R>(answer: (request: Q, context: RpcContext) => R | Promise<R>) {
  return async (request: Q, context: RpcContext): Promise<R> => {
    try {
      return await answer(request, context);
    } catch (error) {
      throw statusError(error);
    }
  };
}

/** A query over the state at the height that the request's header names, else at the head; the reply names it too. */
export function querying<Q, R>(ledger: Ledger, query: (reading: Reading, request: Q) => R) {
  return answering((request: Q, context: RpcContext): R => {
    const reading = ledger.read(requestedHeight(context));
    context.responseHeader().set(HEIGHT_HEADER, reading.block.height.toString());
    return query(reading, request);
  });
}

function requestedHeight(context: RpcContext): bigint | undefined {
  const text = context.requestMetadata.get(HEIGHT_HEADER) ?? "";
  if (text === "") return undefined;
  if (!/^-?[0-9]{1,18}$/.test(text)) throw sdkRefusal("invalidRequest", `invalid height header "${text.slice(0, 40)}"`);
  return BigInt(text);
}
