import { pause } from "@p8e/core";

/** Editors write a file in several steps, and a person saves several files: what comes within this is one save. */
const QUIET_MS = 40;

/** Tells a loop that something was saved; any number of times before it looks. */
export class Saves {
  #count = 0;
  #wake: (() => void) | undefined;

  /** Something was saved. */
  readonly note = (): void => {
    this.#count += 1;
    this.#wake?.();
  };

  /** Resolves after a save, once nothing more was saved for a moment; and when the signal fires. */
  async next(signal: AbortSignal): Promise<void> {
    while (this.#count === 0 && !signal.aborted) {
      await new Promise<void>((wake) => {
        // A watch of files keeps the process alive, but not on every system.
        const alive = setInterval(() => undefined, 60_000);
        const done = () => {
          clearInterval(alive);
          signal.removeEventListener("abort", done);
          this.#wake = undefined;
          wake();
        };
        this.#wake = done;
        signal.addEventListener("abort", done, { once: true });
      });
    }
    let seen: number;
    do {
      seen = this.#count;
      await pause(QUIET_MS, signal).catch(() => undefined);
    } while (seen !== this.#count && !signal.aborted);
    this.#count = 0;
  }
}
