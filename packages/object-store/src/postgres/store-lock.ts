import { createHash } from "node:crypto";
import type { Uuid } from "@p8e/core";
import type { Queryable } from "./database.ts";

/** Every process that serves a store shares this lock; whoever moves its objects must have it alone. */
export const SERVING = "serving";

/** The number of an advisory lock: several stores may share a database. */
export function lockNumber(identity: Uuid, what: string): string {
  return createHash("sha256").update(`${identity} ${what}`).digest().readBigInt64BE(0).toString();
}

/** Takes a lock of the store for this connection alone, until it is closed; false when somebody else has it. */
export async function claimLock(connection: Queryable, identity: Uuid, what: string): Promise<boolean> {
  return ask(connection, "pg_try_advisory_lock", identity, what);
}

/** Takes a lock together with others; false when somebody has it alone. */
export async function shareLock(connection: Queryable, identity: Uuid, what: string): Promise<boolean> {
  return ask(connection, "pg_try_advisory_lock_shared", identity, what);
}

async function ask(connection: Queryable, taking: string, identity: Uuid, what: string): Promise<boolean> {
  const { rows } = await connection.query<{ locked: boolean }>({
    text: `SELECT ${taking}($1::bigint) AS locked`,
    values: [lockNumber(identity, what)],
  });
  return rows[0]?.locked === true;
}
