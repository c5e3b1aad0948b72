import { P8eError, type Uuid } from "@p8e/core";
import type { ServerDatabase } from "./configuration.ts";
import { hastenRepairs } from "./postgres/damage-rows.ts";
import { Database, type Queryable } from "./postgres/database.ts";
import { announcement, type StoreEvent } from "./postgres/store-bus.ts";

/** What is to be tried again: everything unless an object's hash (base64) or a peer is named. */
export interface RetryChoice {
  readonly hash?: string | undefined;
  readonly url?: string | undefined;
}

/**
 * Tries what waits or was set aside again, now and from the first attempt on. A running store hears of it at once.
 * @returns how many deliveries that are
 * @throws `store.unavailable` when the database does not answer, `store.schema` when it is no store's
 */
export function retryReplication(configuration: ServerDatabase, { hash, url }: RetryChoice): Promise<number> {
  return steer(configuration, { kind: "retry" }, async (connection) => {
    const { count } = await connection.query({
      text: `UPDATE p8e_replication_queue q
             SET dead_at = NULL, attempts = 0, peer_refusals = 0, next_attempt_at = NULL, refusal = NULL, refused_at = NULL
             FROM public_key p
             WHERE p.public_key = q.public_key AND (q.dead_at IS NOT NULL OR q.refusal IS NOT NULL)
               AND ($1::text IS NULL OR p.url = $1)
               AND ($2::text IS NULL OR q.object_uuid IN (SELECT uuid FROM object WHERE hash = $2))`,
      values: [url ?? null, hash ?? null],
    });
    return count;
  });
}

/**
 * Sends nothing more to a peer until it is resumed; what is on its way goes on. It stays so over restarts.
 * @throws `input.invalid` when no key is registered there; as {@link retryReplication}
 */
export function pauseReplication(configuration: ServerDatabase, url: string): Promise<void> {
  return steer(configuration, { kind: "replication" }, async (connection) => {
    const { count } = await connection.query({
      text: `INSERT INTO p8e_replication_peer (url, paused_at)
             SELECT $1, now() WHERE EXISTS (SELECT FROM public_key WHERE url = $1)
             ON CONFLICT (url) DO UPDATE SET paused_at = coalesce(p8e_replication_peer.paused_at, now())`,
      values: [url],
    });
    if (count === 0) throw noPeer(url);
  });
}

/** Ends a pause. @throws as {@link pauseReplication} */
export function resumeReplication(configuration: ServerDatabase, url: string): Promise<void> {
  return steer(configuration, { kind: "replication" }, async (connection) => {
    const { count } = await connection.query({
      text: "UPDATE p8e_replication_peer SET paused_at = NULL WHERE url = $1 AND paused_at IS NOT NULL",
      values: [url],
    });
    if (count === 0) throw noPeer(url);
  });
}

/**
 * A running store asks the stores of their readers for all damaged and missing objects at once.
 * @returns how many those are
 * @throws as {@link retryReplication}
 */
export function repairNow(configuration: ServerDatabase): Promise<number> {
  return steer(configuration, { kind: "heal" }, hastenRepairs);
}

function noPeer(url: string): P8eError {
  return new P8eError("input.invalid", "there is no such peer to pause, or it is not paused", {
    facts: { url },
    hint: "p8e store replication list names the peers and their states",
  });
}

async function steer<T>(
  configuration: ServerDatabase,
  event: StoreEvent,
  change: (connection: Queryable) => Promise<T>,
): Promise<T> {
  const applicationName = `${configuration.applicationName}-steer`;
  await using database = await Database.open({ ...configuration, poolSize: 1, applicationName });
  const { rows } = await database.query<{ present: boolean }>({
    text: "SELECT to_regclass('p8e_object_damage') IS NOT NULL AS present",
  });
  if (!rows[0]?.present) {
    throw new P8eError("store.schema", "this database was never opened by a store of this release");
  }
  return await database.transaction(async (connection) => {
    const result = await change(connection);
    const { rows: stores } = await connection.query<{ identity: Uuid }>({ text: "SELECT identity FROM p8e_store" });
    if (stores[0] !== undefined) await connection.query(announcement(stores[0].identity, event));
    return result;
  });
}
