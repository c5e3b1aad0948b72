import { throwIfCancelled } from "./cancellation.ts";
import { type Clock, systemClock } from "./clock.ts";
import { isP8eError } from "./errors.ts";
import type { RandomBytes } from "./uuid.ts";

/** How often and how long to try. At least one of `attempts` and `forMs` bounds it. */
export type RetryOptions = RetryPace & ({ readonly attempts: number } | { readonly forMs: number });

/** How the attempts follow each other, and what ends them. */
export interface RetryPace {
  /** Attempts in all, the first included. */
  readonly attempts?: number | undefined;
  /** No attempt begins later than this after the first failure: how long the first one took does not count. */
  readonly forMs?: number | undefined;
  /** The pause after the first failure. */
  readonly firstMs: number;
  /** The longest pause. */
  readonly mostMs: number;
  /** By how much each pause is longer than the one before: 2 unless given. */
  readonly growth?: number | undefined;
  /** Spreads the pauses (see {@link jittered}), so that many who failed together do not return together. */
  readonly random?: RandomBytes | undefined;
  readonly clock?: Clock | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Which failures are worth another attempt: those whose code says so unless given. */
  readonly when?: ((error: unknown) => boolean) | undefined;
}

/**
 * Does `work` again and again until it succeeds, its failure is none that another attempt could mend, or the bounds are
 * reached. `work` watches the signal itself.
 * @throws the last failure, or `rpc.cancelled` when the signal fires during a pause
 */
export async function retry<T>(work: (attempt: number) => Promise<T>, options: RetryOptions): Promise<T> {
  const { firstMs, mostMs, growth = 2, random, clock = systemClock, signal, when = mayPass } = options;
  throwIfCancelled(signal);
  let deadline: number | undefined;
  let waitMs = Math.min(firstMs, mostMs);
  for (let attempt = 1; ; attempt++) {
    try {
      return await work(attempt);
    } catch (error) {
      if (!when(error) || (options.attempts !== undefined && attempt >= options.attempts)) throw error;
      const now = clock.now();
      if (options.forMs !== undefined) deadline ??= now + options.forMs;
      const pauseMs = random === undefined ? waitMs : jittered(waitMs, random);
      if (deadline !== undefined && now + pauseMs > deadline) throw error;
      await clock.sleep(pauseMs, signal);
      waitMs = Math.min(mostMs, waitMs * growth);
    }
  }
}

/** Between three and five quarters of `milliseconds`. */
export function jittered(milliseconds: number, random: RandomBytes): number {
  const fraction = (random(1)[0] ?? 128) / 255;
  return milliseconds * (0.75 + fraction / 2);
}

function mayPass(error: unknown): boolean {
  return isP8eError(error) && error.status.retry;
}
