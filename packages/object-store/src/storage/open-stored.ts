import { P8eError } from "@p8e/core";
import type { StoredObjectBytes } from "../domain/stored-bytes.ts";
import type { Log } from "../log.ts";
import type { BlobReader } from "./blob-storage.ts";
import { type ByteSource, memorySource, readChunks } from "./read-chunks.ts";

/** An object that is being read. */
export interface OpenedObject extends AsyncDisposable {
  readonly length: number;
  /** Checked chunks. Use once. */
  chunks(): AsyncGenerator<Uint8Array, void>;
}

/**
 * An object's bytes, from its row or the storage. What the reference server stored may differ in length from what its row
 * says (a later upload of the same object may have replaced the file), and is served as it is.
 * @throws `store.storage` when they are missing from the storage, `object.corrupt` when its length is not what we stored
 */
export async function openStored(
  storage: BlobReader | undefined,
  object: StoredObjectBytes,
  log: Log,
): Promise<OpenedObject> {
  if (object.payload !== null) return opened(memorySource(object.payload), object, async () => {});
  const blob = await storage?.open({ directory: object.directory, name: object.name });
  if (!blob) {
    log("error", "an object's file is missing", { object: object.uuid, directory: object.directory });
    throw new P8eError("store.storage", "the object's file is missing", {
      facts: { object: object.uuid, missing: true },
    });
  }
  try {
    if (!object.integrity && BigInt(blob.length) !== object.dimeLength) {
      log("warn", "serving an object whose file differs in length from its row", { object: object.uuid });
    }
    return opened(blob, object, async () => blob[Symbol.asyncDispose]());
  } catch (error) {
    await blob[Symbol.asyncDispose]();
    throw error;
  }
}

function opened(source: ByteSource, object: StoredObjectBytes, close: () => Promise<void>): OpenedObject {
  if (object.integrity && source.length !== object.integrity.length) {
    throw new P8eError("object.corrupt", "the stored object is damaged: its length has changed", {
      facts: { object: object.uuid },
    });
  }
  return {
    length: source.length,
    chunks: () => readChunks(source, object.integrity),
    [Symbol.asyncDispose]: close,
  };
}
