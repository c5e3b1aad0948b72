import { type ContentHash, P8eError, type Uuid } from "@p8e/core";
import type { KeyText } from "../domain/audience.ts";
import { NOT_STORAGE_BACKED } from "../domain/placement.ts";
import type { StoreReader } from "./store-reader.ts";

/** An object of which a key is a reader. Times are milliseconds since 1970. */
export interface ListedObject {
  readonly uuid: Uuid;
  /** Base64, as the store keeps it. */
  readonly hash: string;
  /** When this store first had it for the key. */
  readonly createdAt: number;
  /** The plaintext's length, as its sender claims. */
  readonly contentLength: bigint;
  readonly inDatabase: boolean;
  readonly directory: string;
  readonly name: string;
}

/** Some of the objects, and whether there are more. */
export interface ListedObjects {
  readonly objects: readonly ListedObject[];
  readonly more: boolean;
}

/** As much is read at once of what is no longer than a header, as a rule. */
const PIECE_BYTES = 64 * 1024;

/**
 * What a store holds for a key, mail apart: each hash once, as it was stored for the key first, the newest first.
 * @param options `after` is the hash that the page before ended with
 * @throws `object.not_found` when `after` is none of them
 */
export async function listObjects(
  { database }: StoreReader,
  options: { readonly key: KeyText; readonly after?: ContentHash | undefined; readonly limit: number },
): Promise<ListedObjects> {
  const { key, after, limit } = options;
  const { rows } = await database.query<{
    uuid: Uuid;
    hash: string;
    created_ms: number;
    content_length: string;
    directory: string;
    name: string;
    in_database: boolean;
  }>({
    text: `WITH mine AS (
             SELECT DISTINCT ON (k.hash) k.hash, k.object_uuid, k.created_at FROM object_public_key k
             WHERE k.public_key = $1
               AND NOT EXISTS (SELECT FROM mailbox_public_key m WHERE m.object_uuid = k.object_uuid)
             ORDER BY k.hash, k.created_at, k.object_uuid
           ), page AS (
             SELECT * FROM mine
             WHERE $2::text IS NULL
                OR (created_at, object_uuid) < (SELECT created_at, object_uuid FROM mine WHERE hash = $2)
             ORDER BY created_at DESC, object_uuid DESC LIMIT $3
           )
           SELECT o.uuid, o.hash, extract(epoch FROM page.created_at)::float8 * 1000 AS created_ms, o.content_length,
                  o.directory, o.name, o.payload IS NOT NULL AS in_database
           FROM page JOIN object o ON o.uuid = page.object_uuid
           ORDER BY page.created_at DESC, page.object_uuid DESC`,
    values: [key, after ?? null, limit + 1],
  });
  if (rows.length === 0 && after !== undefined) await requireListed(database, key, after);
  const objects = rows.slice(0, limit).map((row) => ({
    uuid: row.uuid,
    hash: row.hash,
    createdAt: row.created_ms,
    contentLength: BigInt(row.content_length),
    inDatabase: row.in_database || row.directory === NOT_STORAGE_BACKED,
    directory: row.directory,
    name: row.name,
  }));
  return { objects, more: rows.length > limit };
}

async function requireListed(database: StoreReader["database"], key: KeyText, hash: ContentHash): Promise<void> {
  const { rows } = await database.query({
    text: `SELECT 1 FROM object_public_key k WHERE k.hash = $1 AND k.public_key = $2
             AND NOT EXISTS (SELECT FROM mailbox_public_key m WHERE m.object_uuid = k.object_uuid) LIMIT 1`,
    values: [hash, key],
  });
  if (rows.length > 0) return;
  throw new P8eError("object.not_found", "this store holds no object with that hash for this key", { facts: { hash } });
}

/**
 * An object as it is stored, piece by piece from its beginning, compared with no checksum: for who wants its header alone.
 * Nothing when it is not there.
 * @throws `store.storage`; `environment.unsupported` for one in the storage when the reader was not told where that is
 */
export async function* storedPieces(reader: StoreReader, object: ListedObject): AsyncGenerator<Uint8Array, void> {
  const { directory, name } = object;
  if (!object.inDatabase && reader.storage === undefined) {
    throw new P8eError("environment.unsupported", "the object lies in the storage, and where that is was not said");
  }
  await using blob = object.inDatabase ? undefined : await reader.storage?.open({ directory, name });
  for (let position = 0; ; position += PIECE_BYTES) {
    let piece: Uint8Array = new Uint8Array(PIECE_BYTES);
    if (object.inDatabase) piece = await payloadPiece(reader, object.uuid, position);
    else piece = piece.subarray(0, (await blob?.read(piece, position)) ?? 0);
    if (piece.length > 0) yield piece;
    if (piece.length < PIECE_BYTES) return;
  }
}

async function payloadPiece({ database }: StoreReader, uuid: Uuid, position: number): Promise<Uint8Array> {
  const { rows } = await database.query<{ piece: Buffer | null }>({
    text: "SELECT substring(payload FROM $2::int FOR $3::int) AS piece FROM object WHERE uuid = $1",
    values: [uuid, position + 1, PIECE_BYTES],
  });
  return rows[0]?.piece ?? new Uint8Array();
}
