import { crc32 } from "node:zlib";
import { P8eError } from "@p8e/core";
import type { StoreClock } from "../../store-clock.ts";
import type { Queryable } from "../database.ts";

const lockTimeoutMs = 120_000;

/** The number that the reference's migrator locks, so that neither of the two migrates under the other's hands. */
export function schemaLockKey(databaseName: string): bigint {
  return BigInt.asIntN(64, 0x3d32ad9en * BigInt(crc32(databaseName)));
}

/** Which lock is taken, and how long it is waited for. */
export interface SchemaLockOptions {
  /** Which the lock is derived from. */
  readonly databaseName: string;
  readonly clock: StoreClock;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Runs `body` while no other process migrates. The lock is polled: a session that blocks inside pg_advisory_lock holds
 * a snapshot, which CREATE INDEX CONCURRENTLY in the session that has the lock waits for, forever.
 * @throws `store.schema` when another process keeps the lock for two minutes
 */
export async function withSchemaLock<T>(
  connection: Queryable,
  { databaseName, clock, signal }: SchemaLockOptions,
  body: () => Promise<T>,
): Promise<T> {
  const key = schemaLockKey(databaseName);
  const deadline = clock.elapsed() + lockTimeoutMs;
  while (!(await tryLock(connection, key))) {
    signal?.throwIfAborted();
    if (clock.elapsed() > deadline) {
      throw new P8eError("store.schema", "another process has been migrating this database for two minutes");
    }
    await clock.sleep(100, signal);
  }
  try {
    return await body();
  } finally {
    await connection.query({ text: "SELECT pg_advisory_unlock($1::bigint)", values: [key.toString()] });
  }
}

async function tryLock(connection: Queryable, key: bigint): Promise<boolean> {
  const { rows } = await connection.query<{ locked: boolean }>({
    text: "SELECT pg_try_advisory_lock($1::bigint) AS locked",
    values: [key.toString()],
  });
  return rows[0]?.locked === true;
}
