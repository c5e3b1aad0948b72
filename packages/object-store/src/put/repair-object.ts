import { reasonOf } from "../log.ts";
import {
  lockObject,
  type NewObject,
  type ObjectRow,
  type StoredObject,
  updateRepaired,
} from "../postgres/object-rows.ts";
import type { BlobStorage, BlobUpload } from "../storage/blob-storage.ts";
import { memorySource, readChunks } from "../storage/read-chunks.ts";
import type { Candidate } from "./candidate.ts";
import type { PutParts } from "./put-parts.ts";

type RepairContext = Pick<PutParts, "database" | "storage" | "bus" | "directory" | "log">;

/**
 * A repeated upload is the moment to notice that the first one's bytes are lost or damaged, and the only source that
 * could replace them. What the reference server stored is only replaced when it is missing, since nothing says what its
 * bytes must be. The row follows the new bytes: they were encrypted anew, so length and container id differ.
 */
export async function repairIfNeeded(
  context: RepairContext,
  existing: StoredObject,
  candidate: Candidate,
): Promise<ObjectRow> {
  const problem = await problemWith(context.storage, existing);
  if (problem === undefined) {
    if (existing.contentLength !== candidate.row.contentLength) {
      context.log("warn", "an upload was answered with an earlier one that claims another content length", {
        object: existing.uuid,
      });
    }
    return existing;
  }
  const { row } = candidate;
  if (existing.payload !== null && row.payload === null) {
    context.log("error", "an object in the database is damaged and the upload is too large to replace it there", {
      object: existing.uuid,
    });
    return existing;
  }
  // Complete before the row is locked: whatever can fail slowly has then been done.
  const upload = existing.payload === null ? (candidate.upload ?? (await uploadOf(context, row))) : undefined;
  try {
    await context.database.transaction(async (connection) => {
      if (!(await lockObject(connection, existing.uuid))) return;
      if (upload) await upload.replace({ directory: existing.directory, name: existing.name });
      else {
        const values = [existing.uuid, row.payload!];
        await connection.query({ text: "UPDATE object SET payload = $2 WHERE uuid = $1", values });
      }
      await updateRepaired(connection, { ...row, uuid: existing.uuid });
      await connection.query(context.bus.announcement({ kind: "repair", uuid: existing.uuid }));
    });
  } finally {
    if (upload && upload !== candidate.upload) await upload.discard().catch(() => {});
  }
  context.log("warn", "replaced the lost or damaged bytes of an object", { object: existing.uuid, problem });
  return {
    ...existing,
    dimeUuid: row.dimeUuid,
    contentLength: row.contentLength,
    dimeLength: BigInt(row.storedLength),
  };
}

/** For bytes that were small enough to stay in memory, while the object they replace is in the storage. */
async function uploadOf(context: RepairContext, row: NewObject): Promise<BlobUpload> {
  const place = { directory: await context.directory(), name: row.uuid };
  const upload = await context.storage.begin(place, row.payload!.length);
  await upload.complete(row.payload!);
  return upload;
}

async function problemWith(storage: BlobStorage, existing: StoredObject): Promise<string | undefined> {
  if (existing.payload !== null) {
    return existing.integrity ? damage(readChunks(memorySource(existing.payload), existing.integrity)) : undefined;
  }
  await using blob = await storage.open({ directory: existing.directory, name: existing.name });
  if (!blob) return "its file is missing";
  return existing.integrity ? await damage(readChunks(blob, existing.integrity)) : undefined;
}

async function damage(chunks: AsyncIterable<Uint8Array>): Promise<string | undefined> {
  try {
    for await (const _ of chunks);
    return undefined;
  } catch (error) {
    return reasonOf(error);
  }
}
