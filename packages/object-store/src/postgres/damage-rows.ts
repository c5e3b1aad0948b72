import type { Uuid } from "@p8e/core";
import type { KeyText } from "../domain/audience.ts";
import type { Damage } from "../domain/damage.ts";
import { decodeUuid } from "./binary-values.ts";
import type { Queryable } from "./database.ts";

/** An object whose bytes are missing or damaged. Times are milliseconds since 1970. */
export interface DamagedObject extends Damage {
  readonly uuid: Uuid;
  /** Base64; undefined when its row is gone. */
  readonly hash: string | undefined;
  readonly foundAt: number;
  /** How often stores of its readers were asked for it, and what came of it the last time. */
  readonly repairAttempts: number;
  readonly repairFailure: string | undefined;
  readonly nextRepairAt: number;
}

const ms = (column: string) => `extract(epoch FROM ${column})::float8 * 1000`;

/** The oldest first. */
export async function damagedObjects(
  database: Queryable,
  { limit, uuid }: { readonly limit: number; readonly uuid?: Uuid },
): Promise<readonly DamagedObject[]> {
  const { rows } = await database.query<{
    object_uuid: Uuid;
    hash: string | null;
    kind: Damage["kind"];
    reason: string;
    found_ms: number;
    repair_attempts: number;
    repair_failure: string | null;
    next_ms: number;
  }>({
    text: `SELECT d.object_uuid, o.hash, d.kind, d.reason, ${ms("d.found_at")} AS found_ms, d.repair_attempts,
                  d.repair_failure, ${ms("d.next_repair_at")} AS next_ms
           FROM p8e_object_damage d LEFT JOIN object o ON o.uuid = d.object_uuid
           WHERE $2::uuid IS NULL OR d.object_uuid = $2::uuid
           ORDER BY d.found_at, d.object_uuid LIMIT $1::int`,
    values: [limit, uuid ?? null],
  });
  return rows.map((row) => ({
    uuid: row.object_uuid,
    hash: row.hash ?? undefined,
    kind: row.kind,
    reason: row.reason,
    foundAt: row.found_ms,
    repairAttempts: row.repair_attempts,
    repairFailure: row.repair_failure ?? undefined,
    nextRepairAt: row.next_ms,
  }));
}

/** How many there are of each kind. */
export async function damageCounts(database: Queryable): Promise<Readonly<Record<Damage["kind"], number>>> {
  const { rows } = await database.query<{ kind: Damage["kind"]; count: string }>({
    text: "SELECT kind, count(*) AS count FROM p8e_object_damage GROUP BY kind",
  });
  const counts = { missing: 0, damaged: 0 };
  for (const { kind, count } of rows) counts[kind] = Number(count);
  return counts;
}

/** True when nobody had found it before. */
export async function noteDamage(database: Queryable, uuid: Uuid, { kind, reason }: Damage): Promise<boolean> {
  const { rows } = await database.query<{ fresh: boolean }>({
    text: `INSERT INTO p8e_object_damage (object_uuid, kind, reason) VALUES ($1, $2, $3)
           ON CONFLICT (object_uuid) DO UPDATE SET kind = excluded.kind, reason = excluded.reason
           RETURNING xmax = 0 AS fresh`,
    values: [uuid, kind, reason],
  });
  return rows[0]?.fresh === true;
}

/** These are whole. */
export async function clearDamage(database: Queryable, uuids: readonly Uuid[]): Promise<number> {
  if (uuids.length === 0) return 0;
  const { count } = await database.query({
    text: "DELETE FROM p8e_object_damage WHERE object_uuid = ANY ($1::uuid[])",
    values: [uuids],
  });
  return count;
}

/** Objects whose readers' stores are to be asked for them now. */
export async function dueRepairs(database: Queryable, limit: number): Promise<readonly Uuid[]> {
  const rows = await database.queryText({
    text: "SELECT object_uuid FROM p8e_object_damage WHERE next_repair_at <= now() ORDER BY next_repair_at LIMIT $1::int",
    values: [limit],
  });
  return rows.map(([uuid]) => decodeUuid(uuid!));
}

/** Nobody had it this time: next in a minute, then four times as long each time, up to a day. */
export async function noteRepairFailure(database: Queryable, uuid: Uuid, reason: string): Promise<void> {
  await database.query({
    text: `UPDATE p8e_object_damage SET repair_attempts = repair_attempts + 1, repair_failure = $2,
             next_repair_at = now() + least(interval '1 day', interval '1 minute' * 4 ^ least(repair_attempts, 10))
           WHERE object_uuid = $1`,
    values: [uuid, reason.slice(0, 2000)],
  });
}

/** All of them are to be asked for now. Returns how many. */
export async function hastenRepairs(database: Queryable): Promise<number> {
  const { count } = await database.query({
    text: "UPDATE p8e_object_damage SET next_repair_at = now(), repair_attempts = 0",
  });
  return count;
}

/** Readers of an object whose stores are known, at most so many: each may hold the same bytes. */
export async function otherHolders(
  database: Queryable,
  uuid: Uuid,
  limit: number,
): Promise<readonly { readonly url: string; readonly key: KeyText }[]> {
  const { rows } = await database.query<{ url: string; key: KeyText }>({
    text: `SELECT DISTINCT ON (p.url) p.url, p.public_key AS key
           FROM object_public_key k JOIN public_key p ON p.public_key = k.public_key
           WHERE k.object_uuid = $1 AND p.url <> '' ORDER BY p.url, p.public_key LIMIT $2::int`,
    values: [uuid, limit],
  });
  return rows;
}
