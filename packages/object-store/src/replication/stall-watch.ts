import { type StoreClock, sleepOrStop } from "../store-clock.ts";

/** A transfer during which the peer takes or gives nothing for this long is given up. */
const STALL_MS = 120_000;

/** Watches over one transfer: `signal` fires when nothing has moved for two minutes. */
export class StallWatch implements Disposable {
  readonly #clock: StoreClock;
  readonly #stalled = new AbortController();
  readonly #over = new AbortController();
  #progressAt: number;

  constructor(clock: StoreClock) {
    this.#clock = clock;
    this.#progressAt = clock.elapsed();
    void this.#watch();
  }

  get signal(): AbortSignal {
    return this.#stalled.signal;
  }

  progress(): void {
    this.#progressAt = this.#clock.elapsed();
  }

  [Symbol.dispose](): void {
    this.#over.abort();
  }

  async #watch(): Promise<void> {
    const { signal } = this.#over;
    for (let leftMs = STALL_MS; leftMs > 0; leftMs = this.#progressAt + STALL_MS - this.#clock.elapsed()) {
      await sleepOrStop(this.#clock, leftMs, signal);
      if (signal.aborted) return;
    }
    this.#stalled.abort(new Error("the peer stalled: nothing moved for two minutes"));
  }
}
