/**
 * What several sources give, as it comes. They run while nobody reads, as far as one item each ahead. When one of them
 * ends, fails, or the signal fires, or the reader leaves, all are told to stop and are waited for.
 * @throws what the first source that fails throws
 */
export async function* merged<T>(
  sources: readonly ((signal: AbortSignal) => AsyncGenerator<T, void>)[],
  signal: AbortSignal | undefined,
): AsyncGenerator<T, void> {
  const stop = new AbortController();
  const end = () => stop.abort();
  signal?.addEventListener("abort", end, { once: true });
  if (signal?.aborted) end();
  const iterators = sources.map((source) => source(stop.signal));
  const step = async (at: number) => ({ at, result: await iterators[at]!.next() });
  const next = new Map(iterators.map((_, at) => [at, step(at)]));
  for (const each of next.values()) each.catch(() => {}); // the race below tells
  try {
    for (;;) {
      const { at, result } = await Promise.race(next.values());
      if (result.done) return;
      const following = step(at);
      following.catch(() => {}); // as above
      next.set(at, following);
      yield result.value;
    }
  } finally {
    signal?.removeEventListener("abort", end);
    stop.abort();
    await Promise.allSettled(next.values());
    await Promise.allSettled(iterators.map((each) => each.return()));
  }
}
