import type { Uuid } from "@p8e/core";
import { decodeUuid } from "./binary-values.ts";
import type { Queryable } from "./database.ts";

/** Where a store's objects lie, and where they are going; undefined: where the configuration says, and nowhere. */
export interface StoragePlaces {
  readonly storage: string | undefined;
  readonly movingTo: string | undefined;
}

/** @returns what the store's own row says */
export async function storagePlaces(database: Queryable): Promise<StoragePlaces> {
  const { rows } = await database.query<{ storage: string | null; moving_to: string | null }>({
    text: "SELECT storage, moving_to FROM p8e_store",
  });
  return { storage: rows[0]?.storage ?? undefined, movingTo: rows[0]?.moving_to ?? undefined };
}

/** A move begins, or goes on: what was copied elsewhere before counts no more. */
export async function beginMove(database: Queryable, to: string): Promise<void> {
  await database.query({
    text: `WITH changed AS (UPDATE p8e_store SET moving_to = $1 WHERE moving_to IS DISTINCT FROM $1 RETURNING 1)
           DELETE FROM p8e_moved_object WHERE EXISTS (SELECT FROM changed)`,
    values: [to],
  });
}

/** The objects lie there from now on. */
export async function endMove(database: Queryable, to: string): Promise<void> {
  await database.query({
    text: `WITH changed AS (UPDATE p8e_store SET storage = $1, moving_to = NULL RETURNING 1)
           DELETE FROM p8e_moved_object WHERE EXISTS (SELECT FROM changed)`,
    values: [to],
  });
}

/** Objects outside the database that are still to be copied, in the order of their uuids, behind `after`. */
export async function objectsToMove(
  database: Queryable,
  after: Uuid | undefined,
  limit: number,
): Promise<readonly Uuid[]> {
  const rows = await database.queryText({
    text: `SELECT o.uuid FROM object o
           LEFT JOIN p8e_object_integrity i ON i.object_uuid = o.uuid
           LEFT JOIN p8e_moved_object m ON m.object_uuid = o.uuid AND m.repair_version = coalesce(i.repair_version, 0)
           WHERE o.payload IS NULL AND m.object_uuid IS NULL AND ($1::uuid IS NULL OR o.uuid > $1::uuid)
           ORDER BY o.uuid LIMIT $2::int`,
    values: [after ?? null, limit],
  });
  return rows.map(([uuid]) => decodeUuid(uuid!));
}

/** It is there, and what it must be. */
export async function noteMoved(database: Queryable, uuid: Uuid, repairVersion: number): Promise<void> {
  await database.query({
    text: `INSERT INTO p8e_moved_object (object_uuid, repair_version) VALUES ($1, $2)
           ON CONFLICT (object_uuid) DO UPDATE SET repair_version = excluded.repair_version`,
    values: [uuid, repairVersion],
  });
}
