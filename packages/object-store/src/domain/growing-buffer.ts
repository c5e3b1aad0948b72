/** Bytes gathered into one piece of memory that doubles as it fills. */
export class GrowingBuffer {
  #bytes = new Uint8Array(4096);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  append(part: Uint8Array): void {
    const length = this.#length + part.length;
    if (length > this.#bytes.length) {
      const grown = new Uint8Array(Math.max(length, this.#bytes.length * 2));
      grown.set(this.#bytes.subarray(0, this.#length));
      this.#bytes = grown;
    }
    this.#bytes.set(part, this.#length);
    this.#length = length;
  }

  /** A view, valid until the next append. */
  bytes(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }
}
