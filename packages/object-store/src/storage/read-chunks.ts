import { createHash } from "node:crypto";
import { equalBytes, P8eError } from "@p8e/core";
import { CHUNK_BYTES, DIGEST_BYTES } from "../domain/chunk-digests.ts";
import type { Integrity } from "../domain/stored-bytes.ts";

/** Where an object's bytes come from. */
export interface ByteSource {
  readonly length: number;
  /** Exactly `into.length` bytes, or fewer at the end. */
  read(into: Uint8Array, position: number): Promise<number>;
}

/** Bytes that are in memory. */
export function memorySource(bytes: Uint8Array): ByteSource {
  return {
    length: bytes.length,
    read: (into, position) => {
      const part = bytes.subarray(position, position + into.length);
      into.set(part);
      return Promise.resolve(part.length);
    },
  };
}

/**
 * An object's bytes in chunks, each checked before it is handed out, each in memory of its own.
 * @throws `object.corrupt` at the first chunk that is not what was stored, `store.storage`
 */
export async function* readChunks(source: ByteSource, integrity?: Integrity): AsyncGenerator<Uint8Array, void> {
  if (integrity && source.length !== integrity.length) throw corrupt("its length has changed");
  const chunkBytes = integrity?.chunkBytes ?? CHUNK_BYTES;
  for (let position = 0, index = 0; position < source.length; position += chunkBytes, index++) {
    const chunk = new Uint8Array(Buffer.allocUnsafeSlow(Math.min(chunkBytes, source.length - position)).buffer);
    const count = await source.read(chunk, position);
    if (count < chunk.length) throw corrupt("it ends too early");
    if (integrity && !matches(chunk, integrity.digests, index)) throw corrupt("its bytes have changed");
    yield chunk;
  }
}

function matches(chunk: Uint8Array, digests: Uint8Array, index: number): boolean {
  const expected = digests.subarray(index * DIGEST_BYTES, (index + 1) * DIGEST_BYTES);
  return equalBytes(createHash("sha256").update(chunk).digest(), expected);
}

function corrupt(what: string): P8eError {
  return new P8eError("object.corrupt", `the stored object is damaged: ${what}`);
}
