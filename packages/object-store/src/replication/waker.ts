import { type StoreClock, sleepOrStop } from "../store-clock.ts";

/** Lets one loop sleep until somebody has something for it; a call while it is awake is remembered. */
export class Waker {
  readonly #clock: StoreClock;
  #pending = false;
  #wake: (() => void) | undefined;

  constructor(clock: StoreClock) {
    this.#clock = clock;
  }

  wake(): void {
    this.#pending = true;
    this.#wake?.();
  }

  /** Resolves when woken, after `waitMs`, or when `signal` is aborted. */
  async sleep(waitMs: number, signal: AbortSignal): Promise<void> {
    if (this.#pending || signal.aborted) {
      this.#pending = false;
      return;
    }
    const woken = new AbortController();
    this.#wake = () => woken.abort();
    await sleepOrStop(this.#clock, waitMs, AbortSignal.any([woken.signal, signal]));
    this.#wake = undefined;
    this.#pending = false;
  }
}
