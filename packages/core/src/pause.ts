import { cancellationOf } from "./cancellation.ts";

/** The longest a timer of the runtime can be set for; it fires at once when set for longer. */
export const TIMER_MS_MAX = 2_147_483_647;

/**
 * Resolves after so many milliseconds.
 * @throws `rpc.cancelled` or the signal's own reason as soon as it fires
 */
export async function pause(milliseconds: number, signal?: AbortSignal | undefined): Promise<void> {
  for (let left = milliseconds; ; left -= TIMER_MS_MAX) {
    await once(Math.min(left, TIMER_MS_MAX), signal);
    if (left <= TIMER_MS_MAX) return;
  }
}

function once(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(cancellationOf(signal));
    const stop = () => {
      clearTimeout(timer);
      reject(cancellationOf(signal!));
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", stop);
      resolve();
    }, milliseconds);
    signal?.addEventListener("abort", stop, { once: true });
  });
}
