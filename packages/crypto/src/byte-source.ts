import { throwIfCancelled } from "@p8e/core";

/** Large enough to cost nothing per piece, small enough to leave the event loop room between two. */
const PIECE_LENGTH = 1024 * 1024;

/**
 * The bytes of a source in pieces of at most 1 MiB (views, not copies), looking at `signal` before each.
 * @throws `rpc.cancelled`, or the signal's own reason
 */
export async function* pieces(
  source: AsyncIterable<Uint8Array> | Uint8Array,
  signal?: AbortSignal | undefined,
): AsyncGenerator<Uint8Array, void, undefined> {
  for await (const chunk of source instanceof Uint8Array ? [source] : source) {
    for (let start = 0; start < chunk.length; start += PIECE_LENGTH) {
      throwIfCancelled(signal);
      yield chunk.subarray(start, start + PIECE_LENGTH);
    }
  }
}
