import { repeat, type StoreClock } from "../store-clock.ts";
import type { Histogram } from "./metrics.ts";

const EVERY_MS = 100;

/** Measures again and again how much later than asked a timer fires: how long anything else had to wait as well. */
export function watchEventLoop(delays: Histogram, clock: StoreClock): Disposable {
  let due = clock.elapsed() + EVERY_MS;
  return repeat(clock, EVERY_MS, () => {
    delays.observe(Math.max(0, clock.elapsed() - due) / 1000);
    due = clock.elapsed() + EVERY_MS;
  });
}
