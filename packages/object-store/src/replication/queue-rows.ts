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

/** Another store, and the keys that are served there. */
export interface Peer {
  readonly url: string;
  readonly keys: readonly KeyText[];
}

/** Whether what is sent to the peer of this parameter is paused. */
const paused = (url: string) =>
  `EXISTS (SELECT FROM p8e_replication_peer WHERE url = ${url} AND paused_at IS NOT NULL)`;

/** What is due for any of the peer's keys, in the order of the queue, without what is being sent already; nothing in a pause. */
export async function dueItems(
  database: Queryable,
  peer: Peer,
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
             ) q WHERE NOT ${paused("$4::text")} ORDER BY q.sequence LIMIT $3::int
           ) d
           LEFT JOIN object o ON o.uuid = d.object_uuid
           LEFT JOIN object_replication r
             ON r.object_uuid = d.object_uuid AND r.public_key = d.public_key AND r.replicated_at IS NULL
           ORDER BY d.sequence`,
    values: [texts(peer.keys), uuids(inFlight), limit, peer.url],
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
      noted(refusal.reason),
      refusal.waitMs === undefined ? null : Math.round(refusal.waitMs),
    ],
  });
}

/** A peer that may refuse everything refused this: it waits, longer each time, up to an hour, and no attempt is counted. */
export async function notePeerRefusal(
  database: Queryable,
  delivery: Delivery,
  refusal: { readonly reason: string; readonly firstWaitMs: number },
): Promise<void> {
  await database.query({
    text: `UPDATE p8e_replication_queue SET refusal = $3, refused_at = now(), peer_refusals = peer_refusals + 1,
             next_attempt_at = now() + make_interval(secs => least(3600, $4::float8 / 1000 * 2 ^ least(peer_refusals, 20)))
           WHERE object_uuid = $1 AND public_key = ANY ($2::text[])`,
    values: [delivery.objectUuid, texts(delivery.keys), noted(refusal.reason), Math.round(refusal.firstWaitMs)],
  });
}

/**
 * The peer takes something again after it refused so many times in a row: what it refused meanwhile is due at once. What it
 * refused more often than that it refuses while it takes others, and goes on waiting for its own turn.
 */
export async function endPeerRefusal(database: Queryable, keys: readonly KeyText[], inARow: number): Promise<void> {
  await database.query({
    text: `UPDATE p8e_replication_queue SET next_attempt_at = NULL
           WHERE public_key = ANY ($1::text[]) AND dead_at IS NULL AND peer_refusals BETWEEN 1 AND $2`,
    values: [texts(keys), inARow],
  });
}

/** Milliseconds until the next refused object of these keys is due again. */
export async function nextDueMs(database: Queryable, peer: Peer): Promise<number | undefined> {
  const { rows } = await database.query<{ wait: number | null }>({
    text: `SELECT extract(epoch FROM min(next_attempt_at) - now())::float8 * 1000 AS wait FROM p8e_replication_queue
           WHERE public_key = ANY ($1::text[]) AND dead_at IS NULL AND next_attempt_at IS NOT NULL
             AND NOT ${paused("$2::text")}`,
    values: [texts(peer.keys), peer.url],
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
             next_probe_at = NULL, refusing = false`,
    values: [url],
  });
}

/** What is wrong with a peer. */
export interface PeerFailure {
  readonly reason: string;
  /** It answers, and takes nothing. */
  readonly refusing: boolean;
  /** When it is tried again. */
  readonly waitMs: number;
}

/** The peer cannot be reached or refuses everything, since when, why, and when it is tried again. */
export async function notePeerFailure(database: Queryable, url: string, failure: PeerFailure): Promise<void> {
  await database.query({
    text: `INSERT INTO p8e_replication_peer (url, failing_since, failure, next_probe_at, refusing)
           VALUES ($1, now(), $2, now() + make_interval(secs => $3::float8 / 1000), $4)
           ON CONFLICT (url) DO UPDATE SET failing_since = coalesce(p8e_replication_peer.failing_since, now()),
             failure = excluded.failure, next_probe_at = excluded.next_probe_at, refusing = excluded.refusing`,
    values: [url, noted(failure.reason), Math.round(failure.waitMs), failure.refusing],
  });
}

/** A peer's own words, as far as they are kept. */
function noted(reason: string): string {
  return reason.slice(0, 2000).replaceAll("\0", "");
}
