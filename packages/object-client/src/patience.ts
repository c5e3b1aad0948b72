import { isP8eError, P8eError } from "@p8e/core";

/** How long to go on trying when a store is away, as it is for a moment when it restarts. */
export interface Patience {
  readonly forMs: number;
  readonly nowMs: () => number;
  readonly signal?: AbortSignal | undefined;
}

const DELAY_MIN_MS = 50;
const DELAY_MAX_MS = 1_000;

/**
 * Only what says "nobody is there just now" is tried again; everything else is an answer. Time runs from the first
 * failure: a call that had taken long before the store went away is not lost for that.
 */
export async function withPatience<T>(patience: Patience, attempt: () => Promise<T>): Promise<T> {
  let deadline: number | undefined;
  for (let tries = 0; ; tries++) {
    try {
      return await attempt();
    } catch (error) {
      const away = isP8eError(error) && (error.code === "rpc.unavailable" || error.code === "store.unavailable");
      const delayMs = Math.min(DELAY_MAX_MS, DELAY_MIN_MS * 2 ** tries);
      deadline ??= patience.nowMs() + patience.forMs;
      if (!away || patience.nowMs() + delayMs > deadline) throw error;
      await pause(delayMs, patience.signal);
    }
  }
}

function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const cancelled = () =>
      reject(new P8eError("rpc.cancelled", "the operation was cancelled", { cause: signal?.reason }));
    if (signal?.aborted) return cancelled();
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", stop);
      resolve();
    }, ms);
    const stop = () => {
      clearTimeout(timer);
      cancelled();
    };
    signal?.addEventListener("abort", stop, { once: true });
  });
}
