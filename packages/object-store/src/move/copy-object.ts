import { equalBytes, P8eError, throwIfCancelled, type Uuid } from "@p8e/core";
import { CHUNK_BYTES, ChunkDigester, joinDigests } from "../domain/chunk-digests.ts";
import type { BlobPlace, StoredObjectBytes } from "../domain/stored-bytes.ts";
import type { Log } from "../log.ts";
import type { BlobReader, BlobStorage, CompletedBlob } from "../storage/blob-storage.ts";
import { openStored } from "../storage/open-stored.ts";
import { readChunks } from "../storage/read-chunks.ts";

/** Between which storages, and what a new place is called. */
export interface CopyParts {
  readonly from: BlobReader;
  readonly to: BlobStorage;
  readonly freshUuid: () => Uuid;
  readonly log: Log;
}

/**
 * Copies an object's bytes to the same place of another storage, and reads them back from there. What lies there already
 * is left when it is right, and replaced when it is not.
 * @returns the bytes that were written: none when they were there
 * @throws `object.corrupt`, `store.storage` when the object is damaged or missing; `store.unavailable`
 */
export async function copyObject(parts: CopyParts, object: StoredObjectBytes, signal?: AbortSignal): Promise<number> {
  const place = { directory: object.directory, name: object.name };
  const there = await digestsAt(parts.to, place);
  if (there !== undefined && object.integrity !== undefined) {
    if (equalBytes(there, object.integrity.digests)) return 0;
  }
  const draft = there === undefined ? place : { ...place, name: parts.freshUuid() };
  const { length, digests } = await upload(
    parts,
    object,
    { draft, place: there === undefined ? undefined : place },
    signal,
  );
  const back = await digestsAt(parts.to, place);
  if (back === undefined || !equalBytes(back, digests)) {
    throw new P8eError("store.storage", "the other storage does not give back what was stored", {
      facts: { object: object.uuid },
    });
  }
  return length;
}

async function upload(
  parts: CopyParts,
  object: StoredObjectBytes,
  target: { readonly draft: BlobPlace; readonly place: BlobPlace | undefined },
  signal: AbortSignal | undefined,
): Promise<CompletedBlob> {
  await using stored = await openStored(parts.from, object, parts.log);
  const chunks = stored.chunks();
  // The first chunk goes where a header does, so that its length is known and nothing has to be moved.
  const first = await chunks.next();
  const header = first.done ? new Uint8Array(0) : first.value;
  const blob = await parts.to.begin(target.draft, header.length);
  let done = false;
  try {
    for await (const chunk of chunks) {
      throwIfCancelled(signal);
      await blob.append(chunk);
    }
    const completed = await blob.complete(header);
    if (target.place === undefined) {
      await blob.publish();
      done = true;
      await blob.settle();
    } else {
      await blob.replace(target.place);
    }
    return completed;
  } finally {
    if (!done) await blob.discard().catch(() => {}); // what is left of it goes at the next try
  }
}

/** Undefined when nothing lies there. */
async function digestsAt(storage: BlobReader, place: BlobPlace): Promise<Uint8Array | undefined> {
  await using blob = await storage.open(place);
  if (blob === undefined) return undefined;
  const digester = new ChunkDigester(CHUNK_BYTES);
  for await (const chunk of readChunks(blob)) digester.update(chunk);
  return joinDigests(digester.finish());
}
