export {
  type EmbeddedDatabase,
  parseStoreConfiguration,
  type ReplicationConfiguration,
  type ServerDatabase,
  type StoreConfiguration,
  type StoreLimits,
  type TlsMode,
} from "./configuration.ts";
export { type Log, type LogLevel, logLevels, silentLog } from "./log.ts";
export { type ObjectStoreServer, type OpenObjectStoreOptions, openObjectStore } from "./open-object-store.ts";
export {
  type EmbeddedPostgres,
  type EmbeddedPostgresOptions,
  openEmbeddedPostgres,
} from "./postgres/embedded/embedded-postgres.ts";
