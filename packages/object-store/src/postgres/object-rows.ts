import type { Uuid } from "@p8e/core";
import type { KeyText } from "../domain/audience.ts";
import { CHUNK_BYTES } from "../domain/chunk-digests.ts";
import { encodeProperties } from "../domain/properties-text.ts";
import type { ObjectProperties } from "../domain/put-stream.ts";
import type { Integrity } from "../domain/stored-bytes.ts";
import {
  byteStrings,
  decodeBytes,
  decodeInteger,
  decodeUuid,
  integers,
  type Micros,
  microsOf,
  texts,
  uuids,
} from "./binary-values.ts";
import type { Queryable, TextRow } from "./database.ts";

/** One reader of a new object, with the mail and the replication that the object means for it. */
export interface NewParty {
  readonly key: KeyText;
  readonly mail?: { readonly uuid: Uuid; readonly type: string };
  readonly replicationUuid?: Uuid;
}

/** Everything that one upload leaves in the database. */
export interface NewObject {
  readonly uuid: Uuid;
  readonly dimeUuid: Uuid;
  readonly hash: string;
  readonly uniqueHash: string;
  readonly contentLength: bigint;
  readonly storedLength: number;
  readonly digests: Uint8Array;
  readonly directory: string;
  readonly name: string;
  /** Null when the bytes are in a file. */
  readonly payload: Uint8Array | null;
  readonly properties: ObjectProperties;
  readonly parties: readonly NewParty[];
}

/** An object's row, as its uploader is told of it. */
export interface ObjectRow {
  readonly uuid: Uuid;
  readonly dimeUuid: Uuid;
  readonly hash: string;
  readonly contentLength: bigint;
  readonly dimeLength: bigint;
  readonly directory: string;
  readonly name: string;
  readonly createdAt: Micros;
}

/** An object as it is read. */
export interface StoredObject extends ObjectRow {
  readonly payload: Uint8Array | null;
  /** Undefined for what the reference server wrote. */
  readonly integrity: Integrity | undefined;
  readonly repairVersion: number;
}

const insertText = `
WITH input AS MATERIALIZED (
  SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::bigint[], $6::bigint[], $7::bytea[],
                       $8::text[], $9::text[], $10::bytea[], $11::text[])
    AS i (uuid, dime_uuid, hash, unique_hash, content_length, dime_length, digests, directory, name, payload, properties)
), created AS (
  INSERT INTO object
    (uuid, dime_uuid, hash, unique_hash, content_length, dime_length, directory, name, payload, properties)
  SELECT uuid, dime_uuid, hash, unique_hash, content_length, dime_length, directory, name, payload, properties FROM input
  ON CONFLICT DO NOTHING
  RETURNING uuid, hash, created_at
), integrity AS (
  INSERT INTO p8e_object_integrity (object_uuid, stored_length, chunk_length, chunk_digests)
  SELECT uuid, i.dime_length, ${CHUNK_BYTES}, i.digests FROM input i JOIN created USING (uuid)
), party AS MATERIALIZED (
  SELECT p.*, c.hash
  FROM unnest($12::uuid[], $13::text[], $14::uuid[], $15::text[], $16::uuid[])
    AS p (object_uuid, public_key, mail_uuid, message_type, replication_uuid)
  JOIN created c ON c.uuid = p.object_uuid
), keys AS (
  INSERT INTO object_public_key (object_uuid, hash, public_key) SELECT object_uuid, hash, public_key FROM party
), mail AS (
  INSERT INTO mailbox_public_key (uuid, object_uuid, public_key, message_type)
  SELECT mail_uuid, object_uuid, public_key, message_type FROM party WHERE mail_uuid IS NOT NULL
), replication AS (
  INSERT INTO object_replication (uuid, object_uuid, public_key)
  SELECT replication_uuid, object_uuid, public_key FROM party WHERE replication_uuid IS NOT NULL
), queue AS (
  INSERT INTO p8e_replication_queue (object_uuid, public_key)
  SELECT object_uuid, public_key FROM party WHERE replication_uuid IS NOT NULL
)
SELECT uuid, ${microsOf("created_at")} FROM created`;

/**
 * Writes the rows of several uploads in one statement. The answer has, for each, when it was created, or undefined when
 * the same object was there before.
 */
export async function insertObjects(
  database: Queryable,
  objects: readonly NewObject[],
): Promise<readonly (Micros | undefined)[]> {
  // In one order everywhere: two statements with the same two objects must not wait for each other.
  const sorted = objects.toSorted((left, right) => (left.uniqueHash < right.uniqueHash ? -1 : 1));
  const parties = sorted.flatMap((object) => object.parties.map((party) => ({ object, party })));
  const rows = await database.queryText({
    name: "p8e-insert-objects",
    text: insertText,
    values: [
      uuids(sorted.map((object) => object.uuid)),
      uuids(sorted.map((object) => object.dimeUuid)),
      texts(sorted.map((object) => object.hash)),
      texts(sorted.map((object) => object.uniqueHash)),
      integers(sorted.map((object) => object.contentLength)),
      integers(sorted.map((object) => BigInt(object.storedLength))),
      byteStrings(sorted.map((object) => object.digests)),
      texts(sorted.map((object) => object.directory)),
      texts(sorted.map((object) => object.name)),
      byteStrings(sorted.map((object) => object.payload)),
      texts(sorted.map((object) => encodeProperties(object.properties))),
      uuids(parties.map(({ object }) => object.uuid)),
      texts(parties.map(({ party }) => party.key)),
      uuids(parties.map(({ party }) => party.mail?.uuid ?? null)),
      texts(parties.map(({ party }) => party.mail?.type ?? null)),
      uuids(parties.map(({ party }) => party.replicationUuid ?? null)),
    ],
  });
  const created = new Map(rows.map(([uuid, at]) => [decodeUuid(uuid!), decodeInteger(at!)]));
  return objects.map((object) => created.get(object.uuid));
}

const objectColumns = `o.uuid, o.dime_uuid, o.hash, o.content_length, o.dime_length, o.directory, o.name, ${microsOf("o.created_at")},
  o.payload, i.stored_length, i.chunk_length, i.chunk_digests, i.repair_version`;

const objectTables = "object o LEFT JOIN p8e_object_integrity i ON i.object_uuid = o.uuid";

function decodeStored(row: TextRow): StoredObject {
  const [uuid, dimeUuid, hash, contentLength, dimeLength, directory, name, createdAt] = row as readonly string[];
  const [payload, storedLength, chunkLength, digests, repairVersion] = row.slice(8);
  return {
    uuid: decodeUuid(uuid!),
    dimeUuid: decodeUuid(dimeUuid!),
    hash: hash!,
    contentLength: decodeInteger(contentLength!),
    dimeLength: decodeInteger(dimeLength!),
    directory: directory!,
    name: name!,
    createdAt: decodeInteger(createdAt!),
    payload: payload == null ? null : decodeBytes(payload),
    integrity: decodeIntegrity(storedLength, chunkLength, digests),
    repairVersion: Number(repairVersion ?? 0),
  };
}

/** From the columns of p8e_object_integrity, which are all null for what the reference server wrote. */
export function decodeIntegrity(
  storedLength: string | null | undefined,
  chunkLength: string | null | undefined,
  digests: string | null | undefined,
): Integrity | undefined {
  if (storedLength == null || chunkLength == null || digests == null) return undefined;
  return { length: Number(storedLength), chunkBytes: Number(chunkLength), digests: decodeBytes(digests) };
}

/** The object of this hash and audience, if it was stored. */
export async function findByUniqueHash(database: Queryable, uniqueHash: string): Promise<StoredObject | undefined> {
  const rows = await database.queryText({
    name: "p8e-object-by-unique-hash",
    text: `SELECT ${objectColumns} FROM ${objectTables} WHERE md5(o.unique_hash) = md5($1::text)`,
    values: [uniqueHash],
  });
  return rows[0] && decodeStored(rows[0]);
}

/** Undefined when there is no such object. */
export async function findByUuid(database: Queryable, uuid: Uuid): Promise<StoredObject | undefined> {
  const rows = await database.queryText({
    name: "p8e-object-by-uuid",
    text: `SELECT ${objectColumns} FROM ${objectTables} WHERE o.uuid = $1::uuid`,
    values: [uuid],
  });
  return rows[0] && decodeStored(rows[0]);
}

/**
 * What a reader gets for a hash: of several objects with different audiences the oldest, always the same one.
 * The key is compared as an expression so that the planner takes the index on the hash, where few rows share a value,
 * and never the one on the key, where very many may.
 */
export async function findForReader(
  database: Queryable,
  hash: string,
  key: KeyText,
): Promise<StoredObject | undefined> {
  const rows = await database.queryText({
    name: "p8e-object-for-reader",
    text: `SELECT ${objectColumns} FROM object_public_key k JOIN ${objectTables} ON o.uuid = k.object_uuid
           WHERE k.hash = $1::text AND (k.public_key || '') = $2::text
           ORDER BY k.created_at, k.object_uuid LIMIT 1`,
    values: [hash, key],
  });
  return rows[0] && decodeStored(rows[0]);
}

/** The column as it is; null in rows from before it existed. */
export async function propertiesText(database: Queryable, uuid: Uuid): Promise<string | null> {
  const { rows } = await database.query<{ properties: string | null }>({
    name: "p8e-object-properties",
    text: "SELECT properties FROM object WHERE uuid = $1",
    values: [uuid],
  });
  return rows[0]?.properties ?? null;
}

/** What changes in the row of an object whose bytes were replaced. */
export interface RepairedObject {
  readonly uuid: Uuid;
  readonly dimeUuid: Uuid;
  readonly contentLength: bigint;
  readonly storedLength: number;
  readonly digests: Uint8Array;
  readonly properties: ObjectProperties;
}

/** The row follows the bytes that replaced lost or damaged ones. To be run in the transaction that holds the row. */
export async function updateRepaired(connection: Queryable, repaired: RepairedObject): Promise<void> {
  await connection.query({
    text: `UPDATE object SET dime_uuid = $2, content_length = $3, dime_length = $4, properties = $5 WHERE uuid = $1`,
    values: [
      repaired.uuid,
      repaired.dimeUuid,
      repaired.contentLength.toString(),
      repaired.storedLength,
      encodeProperties(repaired.properties),
    ],
  });
  await connection.query({
    text: `INSERT INTO p8e_object_integrity (object_uuid, stored_length, chunk_length, chunk_digests, repair_version)
           VALUES ($1, $2, ${CHUNK_BYTES}, $3, 1)
           ON CONFLICT (object_uuid) DO UPDATE SET
             stored_length = excluded.stored_length, chunk_length = excluded.chunk_length,
             chunk_digests = excluded.chunk_digests, written_at = now(),
             repair_version = p8e_object_integrity.repair_version + 1`,
    values: [repaired.uuid, repaired.storedLength, repaired.digests],
  });
  await connection.query({
    text: "DELETE FROM p8e_object_damage WHERE object_uuid = $1",
    values: [repaired.uuid],
  });
}

/** Lost or damaged bytes were replaced by the very same: caches of them end. To be run in the transaction that holds the row. */
export async function noteSameBytes(connection: Queryable, uuid: Uuid): Promise<void> {
  await connection.query({
    text: `UPDATE p8e_object_integrity SET written_at = now(), repair_version = repair_version + 1 WHERE object_uuid = $1`,
    values: [uuid],
  });
}

/** Holds the row until the end of the transaction; false when it is gone. */
export async function lockObject(connection: Queryable, uuid: Uuid): Promise<boolean> {
  const { count } = await connection.query({ text: "SELECT 1 FROM object WHERE uuid = $1 FOR UPDATE", values: [uuid] });
  return count > 0;
}

/** Whether there is a row for this uuid. */
export async function objectExists(database: Queryable, uuid: string): Promise<boolean> {
  const { count } = await database.query({ text: "SELECT 1 FROM object WHERE uuid = $1", values: [uuid] });
  return count > 0;
}
