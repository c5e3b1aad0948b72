import type { Uuid } from "@p8e/core";
import type { KeyText } from "../domain/audience.ts";
import { type ReplicationPeer, replicationPeers } from "../postgres/replication-peers.ts";
import type { StoreReader } from "./store-reader.ts";

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
    peers: await replicationPeers(database),
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
