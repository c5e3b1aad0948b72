import { P8eError } from "@p8e/core";
import type { Log } from "../log.ts";
import type { StoredObject } from "../postgres/object-rows.ts";
import type { BlobFolder } from "./blob-folder.ts";
import { type ByteSource, fileSource, memorySource, readChunks } from "./read-chunks.ts";

export interface OpenedObject extends AsyncDisposable {
  readonly length: number;
  /** Checked chunks. Use once. */
  chunks(): AsyncGenerator<Uint8Array, void>;
}

/**
 * An object's bytes, from its row or its file. What the reference server stored may differ in length from what its row
 * says (a later upload of the same object may have replaced the file), and is served as it is.
 * @throws `store.storage` when the file is missing, `object.corrupt` when its length is not what we stored
 */
export async function openStored(
  folder: BlobFolder | undefined,
  object: StoredObject,
  log: Log,
): Promise<OpenedObject> {
  if (object.payload !== null) return opened(memorySource(object.payload), object, async () => {});
  const file = await folder?.openRead({ directory: object.directory, name: object.name });
  if (!file) {
    log("error", "an object's file is missing", { object: object.uuid, directory: object.directory });
    throw new P8eError("store.storage", "the object's file is missing", { facts: { object: object.uuid } });
  }
  try {
    const source = await fileSource(file);
    if (!object.integrity && BigInt(source.length) !== object.dimeLength) {
      log("warn", "serving an object whose file differs in length from its row", { object: object.uuid });
    }
    return opened(source, object, async () => file[Symbol.asyncDispose]());
  } catch (error) {
    await file[Symbol.asyncDispose]();
    throw error;
  }
}

function opened(source: ByteSource, object: StoredObject, close: () => Promise<void>): OpenedObject {
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
