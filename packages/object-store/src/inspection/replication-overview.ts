import type { Uuid } from "@p8e/core";
import type { KeyText } from "../domain/audience.ts";
import type { StoreReader } from "./store-reader.ts";

/** What is sent to another store, on the whole. Times are milliseconds since 1970. */
export interface ReplicationPeer {
  readonly url: string;
  /** How many registered keys live there. */
  readonly keys: number;
  /** Deliveries that are still to be made: an object for one key. */
  readonly waiting: number;
  /** Deliveries that were refused too often; nobody tries them any more. */
  readonly setAside: number;
  /** `untried`: nothing was sent there yet. */
  readonly state: "working" | "unreachable" | "refusing" | "paused" | "untried";
  /** What is wrong, when something is. */
  readonly reason: string | undefined;
  readonly since: number | undefined;
  readonly nextProbeAt: number | undefined;
  readonly lastSuccessAt: number | undefined;
}

/** An object that another store has refused. */
export interface RefusedObject {
  readonly objectUuid: Uuid;
  /** Base64, as the store keeps it. */
  readonly hash: string | undefined;
  readonly key: KeyText;
  readonly url: string | undefined;
  readonly attempts: number;
  /** No longer tried. */
  readonly setAside: boolean;
  readonly reason: string;
  readonly since: number;
  readonly nextAttemptAt: number | undefined;
}

/** How replication is doing. */
export interface ReplicationOverview {
  readonly peers: readonly ReplicationPeer[];
  /** Those set aside first, the oldest first. */
  readonly refused: readonly RefusedObject[];
}

/** Every peer, and up to `limit` objects that were refused. */
export async function replicationOverview(
  { database }: StoreReader,
  { limit }: { readonly limit: number },
): Promise<ReplicationOverview> {
  const ms = (column: string) => `extract(epoch FROM ${column})::float8 * 1000`;
  const peers = await database.query<{
    url: string;
    keys: number;
    waiting: number;
    set_aside: number;
    failure: string | null;
    refusing: boolean | null;
    failing_ms: number | null;
    paused_ms: number | null;
    next_ms: number | null;
    success_ms: number | null;
  }>({
    text: `SELECT p.url, count(DISTINCT p.public_key)::int AS keys,
                  (count(q.sequence) FILTER (WHERE q.dead_at IS NULL))::int AS waiting,
                  (count(q.sequence) FILTER (WHERE q.dead_at IS NOT NULL))::int AS set_aside,
                  e.failure, e.refusing, ${ms("e.failing_since")} AS failing_ms, ${ms("e.paused_at")} AS paused_ms,
                  ${ms("e.next_probe_at")} AS next_ms, ${ms("e.last_success_at")} AS success_ms
           FROM public_key p
           LEFT JOIN p8e_replication_queue q ON q.public_key = p.public_key
           LEFT JOIN p8e_replication_peer e ON e.url = p.url
           WHERE p.url <> '' GROUP BY p.url, e.url ORDER BY p.url`,
  });
  const refused = await database.query<{
    object_uuid: Uuid;
    hash: string | null;
    public_key: KeyText;
    url: string | null;
    attempts: number;
    refusal: string;
    refused_ms: number;
    dead_ms: number | null;
    next_ms: number | null;
  }>({
    text: `SELECT q.object_uuid, o.hash, q.public_key, p.url, q.attempts, q.refusal, ${ms("q.refused_at")} AS refused_ms,
                  ${ms("q.dead_at")} AS dead_ms, ${ms("q.next_attempt_at")} AS next_ms
           FROM p8e_replication_queue q
           LEFT JOIN object o ON o.uuid = q.object_uuid
           LEFT JOIN public_key p ON p.public_key = q.public_key
           WHERE q.refusal IS NOT NULL ORDER BY q.dead_at IS NULL, q.sequence LIMIT $1`,
    values: [limit],
  });
  return {
    peers: peers.rows.map((row) => ({
      url: row.url,
      keys: row.keys,
      waiting: row.waiting,
      setAside: row.set_aside,
      state: stateOf(row),
      reason: row.failure ?? undefined,
      since: row.paused_ms ?? row.failing_ms ?? undefined,
      nextProbeAt: row.next_ms ?? undefined,
      lastSuccessAt: row.success_ms ?? undefined,
    })),
    refused: refused.rows.map((row) => ({
      objectUuid: row.object_uuid,
      hash: row.hash ?? undefined,
      key: row.public_key,
      url: row.url ?? undefined,
      attempts: row.attempts,
      setAside: row.dead_ms !== null,
      reason: row.refusal,
      since: row.dead_ms ?? row.refused_ms,
      nextAttemptAt: row.next_ms ?? undefined,
    })),
  };
}

function stateOf(row: {
  readonly failure: string | null;
  readonly refusing: boolean | null;
  readonly paused_ms: number | null;
  readonly success_ms: number | null;
}): ReplicationPeer["state"] {
  if (row.paused_ms !== null) return "paused";
  if (row.failure !== null) return row.refusing === true ? "refusing" : "unreachable";
  return row.success_ms === null ? "untried" : "working";
}
