/** Transactions that passed admission and wait for a block, in order of arrival, and hashes that were seen lately. */
export class Mempool {
  readonly #waiting: Uint8Array[] = [];
  readonly #seen = new Set<string>();
  readonly #countMax: number;
  readonly #seenMax: number;

  constructor(countMax = 5_000, seenMax = 10_000) {
    this.#countMax = countMax;
    this.#seenMax = seenMax;
  }

  get size(): number {
    return this.#waiting.length;
  }

  get isFull(): boolean {
    return this.#waiting.length >= this.#countMax;
  }

  hasSeen(hash: string): boolean {
    return this.#seen.has(hash);
  }

  remember(hash: string): void {
    this.#seen.add(hash);
    if (this.#seen.size <= this.#seenMax) return;
    for (const oldest of this.#seen) {
      this.#seen.delete(oldest);
      return;
    }
  }

  /** A transaction that was refused or failed may be sent again. */
  forget(hash: string): void {
    this.#seen.delete(hash);
  }

  add(bytes: Uint8Array): void {
    this.#waiting.push(bytes);
  }

  /** The waiting transactions, oldest first; they stay until {@link replace}. */
  all(): readonly Uint8Array[] {
    return [...this.#waiting];
  }

  replace(rest: readonly Uint8Array[]): void {
    this.#waiting.splice(0, this.#waiting.length, ...rest);
  }
}
