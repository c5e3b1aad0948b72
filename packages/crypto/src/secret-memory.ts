import { randomFillSync } from "node:crypto";
import type { RandomBytes } from "@p8e/core";

/** Where buffers for data keys, shared secrets and derived keys come from. Tests watch them being wiped. */
export interface SecretMemory {
  allocate(length: number): Uint8Array;
}

/** Ordinary memory of its own for each buffer (never a slice of a shared pool). */
export const heapMemory: SecretMemory = { allocate: (length) => new Uint8Array(length) };

/** The operating system's generator. */
export const systemRandom: RandomBytes = (length) => randomFillSync(new Uint8Array(length));

/**
 * Secrets that live as long as a block: `using secrets = new SecretScope(memory)`. What the engine and OpenSSL copied
 * for themselves is out of reach; SECURITY.md says so.
 */
export class SecretScope implements Disposable {
  readonly #memory: SecretMemory;
  readonly #held: Uint8Array[] = [];

  constructor(memory: SecretMemory) {
    this.#memory = memory;
  }

  allocate(length: number): Uint8Array {
    const bytes = this.#memory.allocate(length);
    this.#held.push(bytes);
    return bytes;
  }

  /** Moves bytes that somebody else allocated: the original is wiped at once. */
  adopt(foreign: Uint8Array): Uint8Array {
    const bytes = this.allocate(foreign.length);
    bytes.set(foreign);
    foreign.fill(0);
    return bytes;
  }

  [Symbol.dispose](): void {
    for (const bytes of this.#held) bytes.fill(0);
  }
}
