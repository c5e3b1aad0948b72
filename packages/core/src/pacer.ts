import { performance } from "node:perf_hooks";
import { setImmediate } from "node:timers/promises";
import { throwIfCancelled } from "./cancellation.ts";

/** How long the event loop waits for its turn, unless one piece of the work takes longer. */
const TURN_MS = 10;

/** Of long work on the main thread: between its pieces the event loop gets its turn, now and then. */
export class Pacer {
  readonly #signal: AbortSignal | undefined;
  #turn = performance.now();

  constructor(signal?: AbortSignal | undefined) {
    this.#signal = signal;
  }

  /** Between two pieces. @throws `rpc.cancelled` when the signal has fired meanwhile */
  async rest(): Promise<void> {
    if (performance.now() - this.#turn < TURN_MS) return;
    await setImmediate();
    this.#turn = performance.now();
    throwIfCancelled(this.#signal);
  }
}
