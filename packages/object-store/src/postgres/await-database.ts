import { P8eError, retry, throwIfCancelled } from "@p8e/core";
import type { ServerDatabase } from "../configuration.ts";
import type { Log } from "../log.ts";
import type { StoreClock } from "../store-clock.ts";
import type { Database } from "./database.ts";

/** How long to wait for which database, and who is told. */
export interface AwaitDatabaseOptions {
  readonly at: Pick<ServerDatabase, "host" | "port">;
  /** From the first failure on; 0: one try. */
  readonly waitMs: number;
  readonly clock: StoreClock;
  readonly log: Log;
  readonly signal?: AbortSignal | undefined;
}

const FIRST_PAUSE_MS = 100;
const MOST_PAUSE_MS = 1000;
const REMIND_MS = 10_000;
/** A last try has so long. */
const LEAST_TRY_MS = 1000;

/**
 * Waits until the database takes a connection: servers that are started together come up in any order. A server that
 * refuses connections, a name that does not resolve yet and a server that is still starting are waited for; a wrong
 * password or a database that is not there is an answer.
 * @throws `store.unavailable` and `store.database` with host, port and reason, `rpc.cancelled` when the signal fires
 */
export async function awaitDatabase(database: Database, options: AwaitDatabaseOptions): Promise<void> {
  const { at, waitMs, clock, log, signal } = options;
  const { host, port } = at;
  const started = clock.elapsed();
  let told = Number.NEGATIVE_INFINITY;
  const attempt = async () => {
    try {
      const left = started + waitMs - clock.elapsed();
      const limit = waitMs === 0 ? {} : { timeoutMs: Math.max(LEAST_TRY_MS, left) };
      await using _connection = await database.dedicated("start", { ...limit, signal });
    } catch (thrown) {
      throwIfCancelled(signal);
      const error = P8eError.from(thrown);
      const reason = connectionReason(error.cause);
      if (error.code !== "store.unavailable") {
        throw new P8eError("store.database", `the database at ${host}:${port} does not take the store: ${reason}`, {
          cause: thrown,
          facts: { ...error.facts, host, port, reason },
        });
      }
      const now = clock.elapsed();
      if (waitMs > 0 && now - told >= REMIND_MS) {
        told = now;
        log("info", "waiting for the database", { host, port, reason });
      }
      throw new P8eError("store.unavailable", `the database at ${host}:${port} cannot be reached: ${reason}`, {
        cause: thrown,
        facts: { host, port, reason, waitedMs: Math.round(now - started) },
        hint: "Check DB_HOST and DB_PORT, and that the server runs. P8E_STORE_DATABASE_WAIT_SECONDS says how long it is waited for.",
      });
    }
  };
  const pace = { forMs: waitMs, firstMs: FIRST_PAUSE_MS, mostMs: MOST_PAUSE_MS, clock, signal };
  await retry(attempt, waitMs === 0 ? { ...pace, attempts: 1 } : pace);
  if (told !== Number.NEGATIVE_INFINITY) {
    log("info", "the database is there", { host, port, waitedMs: Math.round(clock.elapsed() - started) });
  }
}

/** What the driver or the system says: a name with several addresses fails with one error for each, and no text. */
function connectionReason(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause);
  if (cause.message !== "") return cause.message;
  const inner = cause instanceof AggregateError ? cause.errors : [];
  return inner.map(connectionReason).join("; ") || cause.name;
}
