/** A large object counts as this much: its chunks in memory, not its length. */
const WEIGHT_MAX = 4 * 1024 * 1024;
const CAPACITY = 2 * WEIGHT_MAX;
const COUNT_MAX = 8;

/** How many sends may be under way at once: a few, and of large objects two. */
export class SendWindow {
  readonly #running = new Set<Promise<void>>();
  #weight = 0;

  get empty(): boolean {
    return this.#running.size === 0;
  }

  /** Resolves when there is room for an object of this length. */
  async room(lengthBytes: number): Promise<void> {
    const weight = Math.min(lengthBytes, WEIGHT_MAX);
    while (this.#running.size > 0 && (this.#running.size >= COUNT_MAX || this.#weight + weight > CAPACITY)) {
      await Promise.race(this.#running);
    }
  }

  /** `send` must not reject. */
  add(lengthBytes: number, send: () => Promise<void>): void {
    const weight = Math.min(lengthBytes, WEIGHT_MAX);
    this.#weight += weight;
    const running: Promise<void> = send().finally(() => {
      this.#weight -= weight;
      this.#running.delete(running);
    });
    this.#running.add(running);
  }

  async idle(): Promise<void> {
    await Promise.all(this.#running);
  }
}
