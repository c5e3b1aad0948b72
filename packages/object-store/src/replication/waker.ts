/** Lets one loop sleep until somebody has something for it; a call while it is awake is remembered. */
export class Waker {
  #pending = false;
  #wake: (() => void) | undefined;

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
    await new Promise<void>((resolve) => {
      const done = () => {
        clearTimeout(timer);
        signal.removeEventListener("abort", done);
        this.#wake = undefined;
        resolve();
      };
      const timer = setTimeout(done, Math.min(waitMs, 2_147_483_647));
      signal.addEventListener("abort", done, { once: true });
      this.#wake = done;
    });
    this.#pending = false;
  }
}
