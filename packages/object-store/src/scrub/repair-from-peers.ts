import { equalBytes, P8eError, type Uuid } from "@p8e/core";
import { CHUNK_BYTES, ChunkDigester, joinDigests } from "../domain/chunk-digests.ts";
import type { Integrity } from "../domain/stored-bytes.ts";
import { type Log, reasonOf } from "../log.ts";
import { clearDamage, noteRepairFailure, otherHolders } from "../postgres/damage-rows.ts";
import type { Queryable } from "../postgres/database.ts";
import { findByUuid, lockObject, noteSameBytes, type StoredObject } from "../postgres/object-rows.ts";
import type { StoreBus } from "../postgres/store-bus.ts";
import type { BlobStorage, BlobUpload } from "../storage/blob-storage.ts";
import type { CheckParts } from "./check-object.ts";
import type { PeerSource } from "./peer-source.ts";

/** What getting an object back needs of the store. */
export interface RepairParts extends CheckParts {
  readonly storage: BlobStorage;
  readonly bus: StoreBus;
  readonly peers: PeerSource;
  readonly directory: () => Promise<string>;
  readonly freshUuid: () => Uuid;
  readonly log: Log;
}

/** Stores that are asked for one object at most. */
const HOLDERS_MAX = 8;

/**
 * Asks the stores that serve an object's other readers for it, one after the other. Only the very bytes that were stored
 * here are taken, by the checksums that were kept of them: so nobody has to be believed, and no key is needed. A store that
 * was given the object by somebody else than this one has it encrypted anew, and cannot help.
 * @returns whether it is whole again
 */
export async function repairFromPeers(parts: RepairParts, uuid: Uuid, signal: AbortSignal): Promise<boolean> {
  const { database, log } = parts;
  const object = await findByUuid(database, uuid);
  if (object === undefined) {
    await clearDamage(database, [uuid]);
    return false;
  }
  const { integrity } = object;
  if (integrity === undefined) {
    await noteRepairFailure(database, uuid, "another server stored it, and nothing says what its bytes must be");
    return false;
  }
  const holders = await otherHolders(database, uuid, HOLDERS_MAX);
  const failures: string[] = [];
  for (const { url, key } of holders) {
    try {
      const bytes = parts.peers.fetch({ url, hash: object.hash, key }, signal);
      await takeBack(parts, { ...object, integrity }, bytes);
      log("warn", "an object is whole again, by another store's copy", { object: uuid, peer: url });
      return true;
    } catch (error) {
      if (signal.aborted) throw error;
      failures.push(`${url}: ${reasonOf(error)}`);
    }
  }
  const reason = holders.length === 0 ? "no other store is known to have it" : failures.join("; ");
  await noteRepairFailure(database, uuid, reason);
  return false;
}

async function takeBack(
  parts: RepairParts,
  object: StoredObject & { readonly integrity: Integrity },
  received: AsyncIterable<Uint8Array>,
): Promise<void> {
  if (object.payload !== null) {
    const payload = await gathered(received, object.integrity);
    return replaceBytes(parts, object, async (connection) => {
      await connection.query({
        text: "UPDATE object SET payload = $2 WHERE uuid = $1",
        values: [object.uuid, payload],
      });
    });
  }
  const upload = await uploaded(parts, received, object.integrity);
  try {
    await replaceBytes(parts, object, () => upload.replace({ directory: object.directory, name: object.name }));
  } finally {
    await upload.discard().catch(() => {}); // the sweeper takes what is left
  }
}

async function replaceBytes(
  { database, bus }: RepairParts,
  { uuid, repairVersion }: StoredObject,
  replace: (connection: Queryable) => Promise<void>,
): Promise<void> {
  await database.transaction(async (connection) => {
    const there = await lockObject(connection, uuid);
    const now = there ? await findByUuid(connection, uuid) : undefined;
    // Somebody has put it again meanwhile, with other bytes.
    if (now === undefined || now.repairVersion !== repairVersion) return;
    await replace(connection);
    await noteSameBytes(connection, uuid);
    await clearDamage(connection, [uuid]);
    await connection.query(bus.announcement({ kind: "repair", uuid }));
  });
}

/** An upload whose bytes are complete, durable, and the ones that are wanted. */
async function uploaded(
  { storage, directory, freshUuid }: RepairParts,
  received: AsyncIterable<Uint8Array>,
  integrity: Integrity,
): Promise<BlobUpload> {
  const iterator = limited(received, integrity.length);
  let upload: BlobUpload | undefined;
  try {
    const first = await iterator.next();
    const header = first.done ? new Uint8Array(0) : first.value;
    upload = await storage.begin({ directory: await directory(), name: freshUuid() }, header.length);
    for await (const bytes of iterator) await upload.append(bytes);
    const { length, digests } = await upload.complete(header);
    requireSame(length, digests, integrity);
    return upload;
  } catch (error) {
    await upload?.discard().catch(() => {});
    throw error;
  } finally {
    // Also when nothing could be begun: the connection to the peer ends with what is read from it.
    await iterator.return();
  }
}

async function gathered(received: AsyncIterable<Uint8Array>, integrity: Integrity): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  for await (const bytes of limited(received, integrity.length)) parts.push(bytes);
  const payload = Buffer.concat(parts);
  const digester = new ChunkDigester(integrity.chunkBytes);
  digester.update(payload);
  requireSame(payload.length, joinDigests(digester.finish()), integrity);
  return payload;
}

/** Ends with an error as soon as there is more than there may be. */
async function* limited(received: AsyncIterable<Uint8Array>, bytesMax: number): AsyncGenerator<Uint8Array, void> {
  let count = 0;
  for await (const bytes of received) {
    count += bytes.length;
    if (count > bytesMax) throw notTheSame();
    yield bytes;
  }
}

function requireSame(length: number, digests: Uint8Array, integrity: Integrity): void {
  if (length !== integrity.length || integrity.chunkBytes !== CHUNK_BYTES || !equalBytes(digests, integrity.digests)) {
    throw notTheSame();
  }
}

function notTheSame(): P8eError {
  return new P8eError("object.corrupt", "its copy has other bytes than those that were stored here");
}
