import { P8eError, type Uuid } from "@p8e/core";
import type { ServerDatabase } from "./configuration.ts";
import { texts } from "./postgres/binary-values.ts";
import { Database } from "./postgres/database.ts";
import { announcement } from "./postgres/store-bus.ts";

/** What a store has forgotten. */
export interface ForgottenKeys {
  /** Registrations that are gone. */
  readonly keys: number;
  /** Deliveries that were still to be made and will not be. */
  readonly deliveries: number;
}

/**
 * Takes keys of another store out of this one, by its database: the protocol has no call for it, and registering a key
 * again without a URL would make it this store's own. What still waited for these keys is cancelled; what they were sent
 * stays sent. Keys that this store serves itself are left alone. A running store hears of it at once.
 * @param keys points as base64
 * @throws `store.unavailable` when the database does not answer, `store.schema` when it is no store's
 */
export async function forgetRemoteKeys(configuration: ServerDatabase, keys: readonly string[]): Promise<ForgottenKeys> {
  await using database = await Database.open({
    ...configuration,
    poolSize: 1,
    applicationName: `${configuration.applicationName}-forget`,
  });
  const present = await database.query<{ present: boolean }>({
    text: "SELECT to_regclass('p8e_store') IS NOT NULL AND to_regclass('p8e_replication_queue') IS NOT NULL AS present",
  });
  if (!present.rows[0]?.present) {
    throw new P8eError("store.schema", "this database was never opened by a store of this kind");
  }
  return await database.transaction(async (connection) => {
    const { rows } = await connection.query<{ keys: string; deliveries: string }>({
      text: `WITH gone AS (
               DELETE FROM public_key WHERE public_key = ANY ($1::text[]) AND url <> '' RETURNING public_key
             ), cancelled AS (
               DELETE FROM object_replication r USING gone g
               WHERE r.public_key = g.public_key AND r.replicated_at IS NULL RETURNING 1
             ), dropped AS (
               DELETE FROM p8e_replication_queue q USING gone g WHERE q.public_key = g.public_key
             )
             SELECT (SELECT count(*) FROM gone)::text AS keys, (SELECT count(*) FROM cancelled)::text AS deliveries`,
      values: [texts(keys)],
    });
    const { rows: stores } = await connection.query<{ identity: Uuid }>({ text: "SELECT identity FROM p8e_store" });
    if (stores[0] !== undefined) await connection.query(announcement(stores[0].identity, { kind: "keys" }));
    return { keys: Number(rows[0]!.keys), deliveries: Number(rows[0]!.deliveries) };
  });
}
