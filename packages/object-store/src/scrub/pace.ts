import { type StoreClock, sleepOrStop } from "../store-clock.ts";

/** Shorter sleeps cost more than they give. */
const SLEEP_MIN_MS = 20;

/** Keeps work with bytes to a rate: whoever has worked on some waits until they were due. */
export class Pace {
  readonly #bytesPerMs: number;
  readonly #clock: StoreClock;
  #dueAt: number;

  constructor(bytesPerSecond: number, clock: StoreClock) {
    this.#bytesPerMs = bytesPerSecond / 1000;
    this.#clock = clock;
    this.#dueAt = clock.elapsed();
  }

  async spend(bytes: number, signal: AbortSignal): Promise<void> {
    const now = this.#clock.elapsed();
    // What was not used is not made up for.
    this.#dueAt = Math.max(this.#dueAt, now) + bytes / this.#bytesPerMs;
    const waitMs = this.#dueAt - now;
    if (waitMs >= SLEEP_MIN_MS) await sleepOrStop(this.#clock, waitMs, signal);
  }
}
