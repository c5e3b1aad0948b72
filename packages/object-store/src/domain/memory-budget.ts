import { P8eError } from "@p8e/core";

/** Bytes that all requests together may hold. What cannot be had is refused at once: waiting while holding deadlocks. */
export class MemoryBudget {
  readonly #total: number;
  #taken = 0;

  constructor(totalBytes: number) {
    this.#total = totalBytes;
  }

  get takenBytes(): number {
    return this.#taken;
  }

  open(): MemoryLease {
    return new MemoryLease((change) => this.#change(change));
  }

  #change(change: number): void {
    if (change > 0 && this.#taken + change > this.#total) {
      throw new P8eError("input.too_large", "the store is holding as many bytes as it may; try again in a moment", {
        facts: { budgetBytes: this.#total },
      });
    }
    this.#taken += change;
  }
}

/** One request's share. */
export class MemoryLease implements Disposable {
  readonly #change: (change: number) => void;
  #held = 0;

  constructor(change: (change: number) => void) {
    this.#change = change;
  }

  /** @throws `input.too_large` when the budget does not have the difference */
  hold(bytes: number): void {
    if (bytes === this.#held) return;
    this.#change(bytes - this.#held);
    this.#held = bytes;
  }

  [Symbol.dispose](): void {
    this.hold(0);
  }
}
