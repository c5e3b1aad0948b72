export {
  type BackedUpStore,
  type BackUpStoreOptions,
  type BackupProgress,
  backUpStore,
} from "./backup/back-up-store.ts";
export {
  type BackupGap,
  type DrillBackupOptions,
  type DrilledBackup,
  type DrillProgress,
  drillBackup,
} from "./backup/drill-backup.ts";
export {
  type RestoredStore,
  type RestoreProgress,
  type RestoreStoreOptions,
  restoreStore,
} from "./backup/restore-store.ts";
export {
  databaseVariables,
  exposureOf,
  logAsConfigured,
  parseStoreConfiguration,
  type ReplicationConfiguration,
  type ServerDatabase,
  type StoreConfiguration,
  type StoreLimits,
  secretVariables,
  type TlsMode,
} from "./configuration.ts";
export type { BackupManifest } from "./domain/backup-manifest.ts";
export type { ReplicationState, ReplicationStatus } from "./domain/replication-state.ts";
export { parseStorageLocation, type StorageLocation, storageLocationText } from "./domain/storage-location.ts";
export { type ForgottenKeys, forgetRemoteKeys } from "./forget-keys.ts";
export {
  type InspectedObject,
  type InspectedReader,
  inspectObject,
  verifyStoredObject,
  whyNotReplicated,
} from "./inspection/inspect-object.ts";
export {
  type RefusedObject,
  type ReplicationOverview,
  replicationOverview,
} from "./inspection/replication-overview.ts";
export { openStoreReader, type StoreReader } from "./inspection/store-reader.ts";
export { type StoredHealth, storedHealth } from "./inspection/stored-health.ts";
export { type Log, type LogLevel, logLevels, silentLog } from "./log.ts";
export { migrateStore } from "./migrate-store.ts";
export {
  type MovedStorage,
  type MoveProgress,
  type MoveStorageOptions,
  moveStorage,
} from "./move/move-storage.ts";
export { type ObjectStoreServer, type OpenObjectStoreOptions, openObjectStore } from "./open-object-store.ts";
export type { DamagedObject } from "./postgres/damage-rows.ts";
export type { ReplicationPeer } from "./postgres/replication-peers.ts";
export type { SchemaState } from "./postgres/schema/migrate.ts";
export {
  pauseReplication,
  type RetryChoice,
  repairNow,
  resumeReplication,
  retryReplication,
} from "./steer-replication.ts";
