import { type Clock, systemClock } from "@p8e/core";

/** Time as the store sees it. */
export interface StoreClock extends Clock {
  /** Milliseconds that only grow, from some beginning: how long something takes, whoever sets the time of day. */
  elapsed(): number;
}

/** The machine's own time. */
export const systemStoreClock: StoreClock = { ...systemClock, elapsed: () => performance.now() };

/** Starts `job` every so many milliseconds until it is disposed; `job` must not throw. */
export function repeat(clock: Clock, everyMs: number, job: () => void): Disposable {
  const stop = new AbortController();
  const run = async () => {
    for (;;) {
      await clock.sleep(everyMs, stop.signal);
      job();
    }
  };
  run().catch(() => {}); // it was stopped
  return {
    [Symbol.dispose]() {
      stop.abort();
    },
  };
}

/** Sleeps, or wakes early when the signal fires; which of them it was the signal tells. */
export function sleepOrStop(clock: Clock, milliseconds: number, signal: AbortSignal): Promise<void> {
  return clock.sleep(milliseconds, signal).catch(() => {});
}
