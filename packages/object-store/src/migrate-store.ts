import type { ServerDatabase } from "./configuration.ts";
import { type Log, silentLog } from "./log.ts";
import { Database } from "./postgres/database.ts";
import { migrate, type SchemaState } from "./postgres/schema/migrate.ts";
import { systemRandom } from "./random.ts";
import { systemStoreClock } from "./store-clock.ts";

/**
 * Brings a store's database to what this release needs, without serving. `to1_0` also takes a database of the reference
 * server's 0.7.x to its 1.0, after which 0.7.x refuses to open it; opening a store never does that by itself.
 * @throws `store.schema`, `store.unavailable`
 */
export async function migrateStore(
  configuration: ServerDatabase,
  options: { readonly to1_0?: boolean; readonly log?: Log; readonly signal?: AbortSignal } = {},
): Promise<SchemaState> {
  const log = options.log ?? silentLog;
  await using database = await Database.open(configuration, log);
  await using connection = await database.dedicated("migrate");
  return await migrate(connection, {
    databaseName: configuration.name,
    schema: configuration.schema,
    to1_0: options.to1_0 ?? false,
    clock: systemStoreClock,
    random: systemRandom,
    log,
    signal: options.signal,
  });
}
