/** Choices that follow from a seed alone: the same seed makes the same ones on every machine. */
export class Choice {
  #state: number;

  /** @param seed a whole number; its lower 32 bits count */
  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** A whole number from 0 to `below` - 1 (xorshift over a Weyl sequence). */
  below(below: number): number {
    this.#state = (this.#state + 0x9e3779b9) >>> 0;
    let mixed = this.#state;
    mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
    mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
    return ((mixed ^ (mixed >>> 16)) >>> 0) % below;
  }

  /** One of them. */
  of<T>(given: readonly T[]): T {
    return given[this.below(given.length)] as T;
  }

  /** True once in `often` times. */
  once(often: number): boolean {
    return this.below(often) === 0;
  }

  /** Usually `usual`, once in `often` times one of the others. */
  mostly<T>(usual: T, others: readonly T[], often = 4): T {
    return this.once(often) ? this.of(others) : usual;
  }

  /** Up to `most` of them, in order of choice; the same may come twice. */
  some<T>(given: readonly T[], most: number): T[] {
    return Array.from({ length: this.below(most + 1) }, () => this.of(given));
  }
}
