import type { Uuid } from "@p8e/core";
import { decodeUuid } from "./binary-values.ts";
import type { Queryable } from "./database.ts";

/** How far the reading of every object is. Times are milliseconds since 1970. */
export interface ScrubProgress {
  /** The last object that was looked at in this round. */
  readonly after: Uuid | undefined;
  readonly roundBeganAt: number;
  /** When the last whole round ended. */
  readonly roundEndedAt: number | undefined;
  /** In this round. */
  readonly objects: number;
  readonly bytes: number;
  /** Whether a round is under way: the one before has ended when it is not. */
  readonly underWay: boolean;
}

/** @returns what is written down */
export async function scrubProgress(database: Queryable): Promise<ScrubProgress> {
  const { rows } = await database.query<{
    after: Uuid | null;
    began_ms: number;
    ended_ms: number | null;
    objects: string;
    bytes: string;
  }>({
    text: `SELECT after, extract(epoch FROM round_began_at)::float8 * 1000 AS began_ms,
                  extract(epoch FROM round_ended_at)::float8 * 1000 AS ended_ms,
                  objects_checked AS objects, bytes_checked AS bytes FROM p8e_scrub`,
  });
  const row = rows[0];
  const endedAt = row?.ended_ms ?? undefined;
  return {
    after: row?.after ?? undefined,
    roundBeganAt: row?.began_ms ?? 0,
    roundEndedAt: endedAt,
    objects: Number(row?.objects ?? 0),
    bytes: Number(row?.bytes ?? 0),
    underWay: endedAt === undefined || endedAt < (row?.began_ms ?? 0),
  };
}

/** A round begins. */
export async function beginRound(database: Queryable): Promise<void> {
  await database.query({
    text: `UPDATE p8e_scrub SET after = NULL, round_began_at = clock_timestamp(), objects_checked = 0, bytes_checked = 0`,
  });
}

/** So far, and on from there after an interruption. */
export async function noteScrubbed(
  database: Queryable,
  page: { readonly after: Uuid; readonly objects: number; readonly bytes: number },
): Promise<void> {
  await database.query({
    text: `UPDATE p8e_scrub SET after = $1, objects_checked = objects_checked + $2, bytes_checked = bytes_checked + $3`,
    values: [page.after, page.objects, page.bytes],
  });
}

/** Every object was looked at. */
export async function endRound(database: Queryable): Promise<void> {
  await database.query({ text: "UPDATE p8e_scrub SET round_ended_at = clock_timestamp(), after = NULL" });
}

/** Objects in the order of their uuids, behind `after`. */
export async function objectsAfter(
  database: Queryable,
  after: Uuid | undefined,
  limit: number,
): Promise<readonly Uuid[]> {
  const rows = await database.queryText({
    text: "SELECT uuid FROM object WHERE $1::uuid IS NULL OR uuid > $1::uuid ORDER BY uuid LIMIT $2::int",
    values: [after ?? null, limit],
  });
  return rows.map(([uuid]) => decodeUuid(uuid!));
}
