import type { Queryable } from "./database.ts";

/** What is sent to another store, on the whole. Times are milliseconds since 1970. */
export interface ReplicationPeer {
  readonly url: string;
  /** How many registered keys live there. */
  readonly keys: number;
  /** Deliveries that are still to be made: an object for one key. */
  readonly waiting: number;
  /** Since when the oldest of them waits. */
  readonly waitingSince: number | undefined;
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

/** Every store that a registered key lives at, by URL. */
export async function replicationPeers(database: Queryable): Promise<readonly ReplicationPeer[]> {
  const ms = (column: string) => `extract(epoch FROM ${column})::float8 * 1000`;
  const { rows } = await database.query<{
    url: string;
    keys: number;
    waiting: number;
    waiting_ms: number | null;
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
                  ${ms("min(q.enqueued_at) FILTER (WHERE q.dead_at IS NULL)")} AS waiting_ms,
                  (count(q.sequence) FILTER (WHERE q.dead_at IS NOT NULL))::int AS set_aside,
                  e.failure, e.refusing, ${ms("e.failing_since")} AS failing_ms, ${ms("e.paused_at")} AS paused_ms,
                  ${ms("e.next_probe_at")} AS next_ms, ${ms("e.last_success_at")} AS success_ms
           FROM public_key p
           LEFT JOIN p8e_replication_queue q ON q.public_key = p.public_key
           LEFT JOIN p8e_replication_peer e ON e.url = p.url
           WHERE p.url <> '' GROUP BY p.url, e.url ORDER BY p.url`,
  });
  return rows.map((row) => ({
    url: row.url,
    keys: row.keys,
    waiting: row.waiting,
    waitingSince: row.waiting_ms ?? undefined,
    setAside: row.set_aside,
    state: stateOf(row),
    reason: row.failure ?? undefined,
    since: row.paused_ms ?? row.failing_ms ?? undefined,
    nextProbeAt: row.next_ms ?? undefined,
    lastSuccessAt: row.success_ms ?? undefined,
  }));
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
