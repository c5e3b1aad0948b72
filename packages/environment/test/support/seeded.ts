import { createCipheriv, createHash } from "node:crypto";

/** Numbers and bytes that a seed determines. */
export class Seeded {
  readonly #key: Uint8Array;
  #count = 0;

  constructor(seed: number | string) {
    this.#key = createHash("sha256").update(String(seed)).digest();
  }

  /** A whole number from `from` to `to`, both included. */
  integer(from: number, to: number): number {
    return from + (Buffer.from(this.bytes(4)).readUInt32BE() % (to - from + 1));
  }

  pick<T>(values: readonly T[]): T {
    return values[this.integer(0, values.length - 1)]!;
  }

  bytes(length: number): Uint8Array {
    const start = Buffer.alloc(16);
    start.writeUInt32BE(++this.#count);
    return new Uint8Array(createCipheriv("aes-256-ctr", this.#key, start).update(Buffer.alloc(length)));
  }
}
