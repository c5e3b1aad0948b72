import type { Uuid } from "@p8e/core";
import type { KeyText } from "../domain/audience.ts";
import { decodeUuid, texts, uuids } from "../postgres/binary-values.ts";
import type { Queryable } from "../postgres/database.ts";

/** An object that a peer is still to get, for one of its keys. */
export interface QueueItem {
  readonly objectUuid: Uuid;
  readonly key: KeyText;
  readonly attempts: number;
  /** Undefined when the object itself is gone. */
  readonly lengthBytes: number | undefined;
  /** False when somebody else has closed the replication row meanwhile. */
  readonly open: boolean;
}

/** What is due for any of the keys, in the order of the queue, without what is being sent already. */
export async function dueItems(
  database: Queryable,
  keys: readonly KeyText[],
  inFlight: readonly Uuid[],
  limit: number,
): Promise<readonly QueueItem[]> {
  const rows = await database.queryText({
    name: "p8e-replication-due",
    // For each key by itself, since only then the index gives the order.
    text: `SELECT d.object_uuid, d.public_key, d.attempts, o.dime_length, r.object_uuid IS NOT NULL
           FROM (
             SELECT q.* FROM unnest($1::text[]) k (key) CROSS JOIN LATERAL (
               SELECT sequence, object_uuid, public_key, attempts FROM p8e_replication_queue
               WHERE public_key = k.key AND dead_at IS NULL
                 AND (next_attempt_at IS NULL OR next_attempt_at <= now()) AND object_uuid <> ALL ($2::uuid[])
               ORDER BY sequence LIMIT $3::int
             ) q ORDER BY q.sequence LIMIT $3::int
           ) d
           LEFT JOIN object o ON o.uuid = d.object_uuid
           LEFT JOIN object_replication r
             ON r.object_uuid = d.object_uuid AND r.public_key = d.public_key AND r.replicated_at IS NULL
           ORDER BY d.sequence`,
    values: [texts(keys), uuids(inFlight), limit],
  });
  return rows.map(([objectUuid, key, attempts, length, open]) => ({
    objectUuid: decodeUuid(objectUuid!),
    key: key!,
    attempts: Number(attempts),
    lengthBytes: length == null ? undefined : Number(length),
    open: open === "t",
  }));
}

/** An object and the keys of one peer that it is for. */
export interface Delivery {
  readonly objectUuid: Uuid;
  readonly keys: readonly KeyText[];
}

/** The objects have reached the store of these keys. */
export async function closeDelivered(database: Queryable, deliveries: readonly Delivery[]): Promise<void> {
  const pairs = deliveries.flatMap(({ objectUuid, keys }) => keys.map((key) => ({ objectUuid, key })));
  await database.query({
    name: "p8e-replication-delivered",
    text: `WITH pair AS MATERIALIZED (SELECT * FROM unnest($1::uuid[], $2::text[]) AS p (object_uuid, public_key)),
           closed AS (
             UPDATE object_replication r SET replicated_at = now() FROM pair p
             WHERE r.object_uuid = p.object_uuid AND r.public_key = p.public_key AND r.replicated_at IS NULL
           )
           DELETE FROM p8e_replication_queue q USING pair p
           WHERE q.object_uuid = p.object_uuid AND q.public_key = p.public_key`,
    values: [uuids(pairs.map(({ objectUuid }) => objectUuid)), texts(pairs.map(({ key }) => key))],
  });
}

/** Rows whose replication is closed already leave the queue. */
export async function dropClosed(database: Queryable, items: readonly QueueItem[]): Promise<void> {
  await database.query({
    text: `DELETE FROM p8e_replication_queue q USING unnest($1::uuid[], $2::text[]) AS p (object_uuid, public_key)
           WHERE q.object_uuid = p.object_uuid AND q.public_key = p.public_key`,
    values: [uuids(items.map(({ objectUuid }) => objectUuid)), texts(items.map(({ key }) => key))],
  });
}

/** Notes a refusal; `waitMs` undefined sets the object aside for these keys. */
export async function noteRefusal(
  database: Queryable,
  delivery: Delivery,
  refusal: { readonly reason: string; readonly attempts: number; readonly waitMs: number | undefined },
): Promise<void> {
  await database.query({
    text: `UPDATE p8e_replication_queue SET attempts = $3, refusal = $4, refused_at = now(),
             next_attempt_at = now() + make_interval(secs => $5::float8 / 1000),
             dead_at = CASE WHEN $5::float8 IS NULL THEN now() END
           WHERE object_uuid = $1 AND public_key = ANY ($2::text[])`,
    values: [
      delivery.objectUuid,
      texts(delivery.keys),
      refusal.attempts,
      refusal.reason.slice(0, 2000).replaceAll("\0", ""),
      refusal.waitMs === undefined ? null : Math.round(refusal.waitMs),
    ],
  });
}

/** Milliseconds until the next refused object of these keys is due again. */
export async function nextDueMs(database: Queryable, keys: readonly KeyText[]): Promise<number | undefined> {
  const { rows } = await database.query<{ wait: number | null }>({
    text: `SELECT extract(epoch FROM min(next_attempt_at) - now())::float8 * 1000 AS wait FROM p8e_replication_queue
           WHERE public_key = ANY ($1::text[]) AND dead_at IS NULL AND next_attempt_at IS NOT NULL`,
    values: [texts(keys)],
  });
  const wait = rows[0]?.wait;
  return wait === null || wait === undefined ? undefined : Math.max(0, wait);
}

/** Open replication rows that the reference server wrote get their place in our queue. */
export async function enqueueMissing(database: Queryable): Promise<number> {
  const { count } = await database.query({
    text: `INSERT INTO p8e_replication_queue (object_uuid, public_key)
           SELECT r.object_uuid, r.public_key FROM object_replication r
           LEFT JOIN p8e_replication_queue q ON q.object_uuid = r.object_uuid AND q.public_key = r.public_key
           WHERE r.replicated_at IS NULL AND q.object_uuid IS NULL
           ORDER BY r.created_at
           ON CONFLICT DO NOTHING`,
  });
  return count;
}

/** Keys that turned out to be served here need no copy elsewhere: their open rows are closed. */
export async function reapLocalKeys(database: Queryable): Promise<number> {
  const { rows } = await database.query<{ count: string }>({
    text: `WITH reaped AS (
             UPDATE object_replication r SET replicated_at = now() FROM public_key k
             WHERE k.url = '' AND r.public_key = k.public_key AND r.replicated_at IS NULL
             RETURNING r.object_uuid, r.public_key
           ), dropped AS (
             DELETE FROM p8e_replication_queue q USING reaped p
             WHERE q.object_uuid = p.object_uuid AND q.public_key = p.public_key
           )
           SELECT count(*)::text AS count FROM reaped`,
  });
  return Number(rows[0]?.count ?? 0);
}

/** The peer has taken something: whatever was noted against it goes. */
export async function notePeerSuccess(database: Queryable, url: string): Promise<void> {
  await database.query({
    text: `INSERT INTO p8e_replication_peer (url, last_success_at) VALUES ($1, now())
           ON CONFLICT (url) DO UPDATE SET last_success_at = now(), failing_since = NULL, failure = NULL,
             next_probe_at = NULL`,
    values: [url],
  });
}

/** The peer cannot be reached, since when, why, and when it is tried again. */
export async function notePeerFailure(
  database: Queryable,
  url: string,
  failure: string,
  waitMs: number,
): Promise<void> {
  await database.query({
    text: `INSERT INTO p8e_replication_peer (url, failing_since, failure, next_probe_at)
           VALUES ($1, now(), $2, now() + make_interval(secs => $3::float8 / 1000))
           ON CONFLICT (url) DO UPDATE SET failing_since = coalesce(p8e_replication_peer.failing_since, now()),
             failure = excluded.failure, next_probe_at = excluded.next_probe_at`,
    values: [url, failure.slice(0, 2000).replaceAll("\0", ""), Math.round(waitMs)],
  });
}
