import { P8eError } from "@p8e/core";

/** Large enough to cost nothing per piece, small enough to leave the event loop room between two. */
const PIECE_LENGTH = 1024 * 1024;

/**
 * The bytes of a source in pieces of at most 1 MiB (views, not copies), looking at `signal` before each.
 * @throws `rpc.cancelled`
 */
export async function* pieces(
  source: AsyncIterable<Uint8Array> | Uint8Array,
  signal?: AbortSignal,
): AsyncGenerator<Uint8Array, void, undefined> {
  for await (const chunk of source instanceof Uint8Array ? [source] : source) {
    for (let start = 0; start < chunk.length; start += PIECE_LENGTH) {
      if (signal?.aborted) {
        throw new P8eError("rpc.cancelled", "the operation was cancelled", { cause: signal.reason });
      }
      yield chunk.subarray(start, start + PIECE_LENGTH);
    }
  }
}
