import { throwIfCancelled } from "./cancellation.ts";
import { invariant } from "./errors.ts";

/**
 * Works on many items, at most `limit` at a time, begun in their order; resolves with the results in that order. Items are
 * taken one by one as there is room, so that they may be made on the way.
 *
 * The first failure fires the signal that `work` is given, and nothing more begins; so does the caller's signal. Either
 * way everything that had begun has ended before the promise settles.
 *
 * @throws the first failure, or `rpc.cancelled` when the caller's signal fires before all is done
 */
export async function mapAtMost<T, R>(
  limit: number,
  items: Iterable<T>,
  work: (item: T, signal: AbortSignal) => Promise<R>,
  signal?: AbortSignal | undefined,
): Promise<R[]> {
  invariant(Number.isInteger(limit) && limit > 0, "at least one item is worked on at a time");
  throwIfCancelled(signal);
  const failed = new AbortController();
  const stop = signal === undefined ? failed.signal : AbortSignal.any([signal, failed.signal]);
  const results: R[] = [];
  const failures: unknown[] = [];
  const left = items[Symbol.iterator]();
  let begun = 0;
  let exhausted = false;

  const worker = async (): Promise<void> => {
    while (!exhausted && !stop.aborted) {
      const next = left.next();
      if (next.done) {
        exhausted = true;
        return;
      }
      const at = begun++;
      results[at] = await work(next.value, stop);
    }
  };
  const watched = async (): Promise<void> => {
    try {
      await worker();
    } catch (error) {
      failures.push(error);
      failed.abort(error);
    }
  };
  const workers: Promise<void>[] = [];
  while (workers.length < limit && !exhausted && !stop.aborted) workers.push(watched());
  await Promise.all(workers);
  try {
    if (!exhausted) left.return?.();
  } catch (error) {
    failures.push(error);
  }
  if (failures.length > 0) throw failures[0];
  if (!exhausted) throwIfCancelled(signal);
  return results;
}
