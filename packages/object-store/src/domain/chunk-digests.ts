import { createHash, type Hash } from "node:crypto";

/** Objects are stored, checked and sent in chunks of this many bytes; the last one is shorter. */
export const CHUNK_BYTES = 2_000_000;

/** Of SHA-256. */
export const DIGEST_BYTES = 32;

/** SHA-256 of each chunk of `bytes`, joined. */
export function digestChunks(bytes: Uint8Array, chunkBytes = CHUNK_BYTES): Uint8Array {
  const digester = new ChunkDigester(chunkBytes);
  digester.update(bytes);
  return joinDigests(digester.finish());
}

/** The digests one after the other, as they are stored. */
export function joinDigests(digests: readonly Uint8Array[]): Uint8Array {
  const joined = new Uint8Array(digests.length * DIGEST_BYTES);
  digests.forEach((digest, index) => {
    joined.set(digest, index * DIGEST_BYTES);
  });
  return joined;
}

/** Digests chunk by chunk what streams by; the first byte it gets is a chunk's first. */
export class ChunkDigester {
  readonly #chunkBytes: number;
  readonly #digests: Uint8Array[] = [];
  #hash: Hash | undefined;
  #inChunk = 0;

  constructor(chunkBytes = CHUNK_BYTES) {
    this.#chunkBytes = chunkBytes;
  }

  update(bytes: Uint8Array): void {
    let offset = 0;
    while (offset < bytes.length) {
      const taken = Math.min(bytes.length - offset, this.#chunkBytes - this.#inChunk);
      this.#hash ??= createHash("sha256");
      this.#hash.update(bytes.subarray(offset, offset + taken));
      offset += taken;
      this.#inChunk += taken;
      if (this.#inChunk === this.#chunkBytes) this.#close();
    }
  }

  finish(): readonly Uint8Array[] {
    if (this.#hash !== undefined) this.#close();
    return this.#digests;
  }

  #close(): void {
    this.#digests.push(new Uint8Array(this.#hash!.digest()));
    this.#hash = undefined;
    this.#inChunk = 0;
  }
}
