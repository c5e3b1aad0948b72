import { type ContentHash, P8eError, type Uuid } from "@p8e/core";
import type { KeyText } from "../domain/audience.ts";
import { NOT_STORAGE_BACKED } from "../domain/placement.ts";
import { decodeProperties } from "../domain/properties-text.ts";
import { type ReplicationRow, type ReplicationState, replicationState } from "../domain/replication-state.ts";
import { type DamagedObject, damagedObjects } from "../postgres/damage-rows.ts";
import type { Database } from "../postgres/database.ts";
import { findByUuid } from "../postgres/object-rows.ts";
import { openStored } from "../storage/open-stored.ts";
import type { StoreReader } from "./store-reader.ts";

/** What a store knows of an object. Times are milliseconds since 1970. */
export interface InspectedObject {
  readonly uuid: Uuid;
  readonly dimeUuid: Uuid;
  /** Base64, as the store keeps it. */
  readonly hash: string;
  readonly createdAt: number;
  /** The plaintext's length, as its sender claims. */
  readonly contentLength: bigint;
  readonly storedLength: bigint;
  /** In the database, or in the storage (files, a bucket) under a directory and a name. */
  readonly place:
    | { readonly kind: "database" }
    | { readonly kind: "storage"; readonly directory: string; readonly name: string };
  /** Checksums were kept when the object was stored; false for what the reference server stored. */
  readonly checked: boolean;
  /** How often lost or damaged bytes were replaced. */
  readonly repairs: number;
  /** Undefined as long as nobody has found anything wrong with its bytes. */
  readonly damage: DamagedObject | undefined;
  readonly propertyNames: readonly string[];
  /** True when the object came here from another store. */
  readonly replica: boolean;
  readonly readers: readonly InspectedReader[];
}

/** Somebody who can read an object. */
export interface InspectedReader {
  readonly key: KeyText;
  readonly mail:
    | { readonly uuid: Uuid; readonly type: string; readonly acknowledgedAt: number | undefined }
    | undefined;
  readonly replication: ReplicationState;
}

const LIMIT = 100;

/** Every object of this hash, oldest first: there is one for each audience. At most 100. */
export async function inspectObject(reader: StoreReader, hash: ContentHash): Promise<readonly InspectedObject[]> {
  const { rows } = await reader.database.query<{ uuid: Uuid }>({
    text: "SELECT uuid FROM object WHERE uuid IN (SELECT object_uuid FROM object_public_key WHERE hash = $1) ORDER BY created_at, uuid LIMIT $2",
    values: [hash, LIMIT],
  });
  const objects: InspectedObject[] = [];
  for (const { uuid } of rows) objects.push(await inspectOne(reader, uuid));
  return objects;
}

/**
 * How far an object is on its way to each of its readers, and what stands in the way, in words.
 * @throws `object.not_found`
 */
export async function whyNotReplicated(
  reader: StoreReader,
  hash: ContentHash,
): Promise<readonly (ReplicationState & { readonly objectUuid: Uuid; readonly key: KeyText })[]> {
  const objects = await inspectObject(reader, hash);
  if (objects.length === 0) {
    throw new P8eError("object.not_found", "this store has no object of that hash", { facts: { hash } });
  }
  return objects.flatMap((object) =>
    object.readers.map(({ key, replication }) => ({ objectUuid: object.uuid, key, ...replication })),
  );
}

/**
 * Reads an object's bytes from where they lie and checks them against what was stored.
 * @throws `object.not_found`, `object.corrupt`, `store.storage`; `environment.unsupported` for one in the storage when
 * the reader was not told where that is
 */
export async function verifyStoredObject(reader: StoreReader, uuid: Uuid): Promise<{ readonly bytes: number }> {
  const object = await findByUuid(reader.database, uuid);
  if (!object) throw new P8eError("object.not_found", "this store has no object of that id", { facts: { uuid } });
  if (object.payload === null && !reader.storage) {
    throw new P8eError("environment.unsupported", "the object lies in the storage, and where that is was not said");
  }
  let bytes = 0;
  await using stored = await openStored(reader.storage, object, () => {});
  for await (const chunk of stored.chunks()) bytes += chunk.length;
  return { bytes };
}

async function inspectOne({ database }: StoreReader, uuid: Uuid): Promise<InspectedObject> {
  const { rows } = await database.query<{
    dime_uuid: Uuid;
    hash: string;
    created_ms: number;
    content_length: string;
    dime_length: string;
    directory: string;
    name: string;
    in_database: boolean;
    properties: string | null;
    repair_version: number | null;
  }>({
    text: `SELECT o.dime_uuid, o.hash, extract(epoch FROM o.created_at)::float8 * 1000 AS created_ms, o.content_length,
                  o.dime_length, o.directory, o.name, o.payload IS NOT NULL AS in_database, o.properties, i.repair_version
           FROM object o LEFT JOIN p8e_object_integrity i ON i.object_uuid = o.uuid WHERE o.uuid = $1`,
    values: [uuid],
  });
  const row = rows[0];
  if (!row) throw new P8eError("object.not_found", "the object was removed meanwhile", { facts: { uuid } });
  const properties = row.properties === null ? undefined : decodeProperties(row.properties);
  const source = properties?.get("SOURCE::TYPE");
  const replica = source !== undefined && Buffer.from(source).toString() === "REPLICATION";
  return {
    uuid,
    dimeUuid: row.dime_uuid,
    hash: row.hash,
    createdAt: row.created_ms,
    contentLength: BigInt(row.content_length),
    storedLength: BigInt(row.dime_length),
    place:
      row.in_database || row.directory === NOT_STORAGE_BACKED
        ? { kind: "database" }
        : { kind: "storage", directory: row.directory, name: row.name },
    checked: row.repair_version !== null,
    repairs: row.repair_version ?? 0,
    damage: (await damagedObjects(database, { limit: 1, uuid }))[0],
    propertyNames: properties ? [...properties.keys()] : [],
    replica,
    readers: await readersOf(database, uuid, replica),
  };
}

async function readersOf(database: Database, uuid: Uuid, replica: boolean): Promise<readonly InspectedReader[]> {
  const ms = (column: string) => `extract(epoch FROM ${column})::float8 * 1000`;
  const { rows } = await database.query<
    ReplicationRow & { key: KeyText; mail_uuid: Uuid | null; mail_type: string | null; acked_ms: number | null }
  >({
    text: `SELECT k.public_key AS key, m.uuid AS mail_uuid, m.message_type AS mail_type, ${ms("m.acked_at")} AS acked_ms,
                  p.url, r.object_uuid IS NOT NULL AS queued, ${ms("r.replicated_at")} AS "replicatedAt",
                  ${ms("r.created_at")} AS "queuedAt", coalesce(q.attempts, 0) AS attempts, q.refusal,
                  ${ms("q.next_attempt_at")} AS "nextAttemptAt", ${ms("q.dead_at")} AS "deadAt",
                  e.failure AS "peerFailure", ${ms("e.failing_since")} AS "peerFailingSince",
                  e.refusing AS "peerRefusing", ${ms("e.paused_at")} AS "peerPausedAt"
           FROM object_public_key k
           LEFT JOIN public_key p ON p.public_key = k.public_key
           LEFT JOIN mailbox_public_key m ON m.object_uuid = k.object_uuid AND m.public_key = k.public_key
           LEFT JOIN object_replication r ON r.object_uuid = k.object_uuid AND r.public_key = k.public_key
           LEFT JOIN p8e_replication_queue q ON q.object_uuid = k.object_uuid AND q.public_key = k.public_key
           LEFT JOIN p8e_replication_peer e ON e.url = p.url
           WHERE k.object_uuid = $1 ORDER BY k.public_key`,
    values: [uuid],
  });
  return rows.map((row) => ({
    key: row.key,
    mail:
      row.mail_uuid === null
        ? undefined
        : { uuid: row.mail_uuid, type: row.mail_type ?? "", acknowledgedAt: row.acked_ms ?? undefined },
    replication: replicationState(row, replica),
  }));
}
