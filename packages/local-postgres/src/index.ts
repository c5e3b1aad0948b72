export type { IsolationKind } from "./isolation.ts";
export { KeptPostgres, type KeptPostgresOptions } from "./kept-postgres.ts";
export { leftRunning, stopLeftRunning } from "./left-running.ts";
export { type LocalDatabase, type LocalDatabaseOptions, openLocalDatabase } from "./local-database.ts";
export {
  type LocalPostgres,
  type LocalPostgresOptions,
  openLocalPostgres,
  type PostgresLog,
} from "./local-postgres.ts";
