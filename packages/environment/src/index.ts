export {
  type Environment,
  type EnvironmentOptions,
  type EnvironmentPids,
  type EnvironmentProcess,
  startEnvironment,
} from "./environment.ts";
export {
  ENVIRONMENT_FORMAT,
  type EnvironmentFile,
  type LedgerKind,
  ledgerKinds,
  parseEnvironmentFile,
  readEnvironmentFile,
  requireLedger,
} from "./environment-file.ts";
export { environmentProfile, profilesOf, requireEnvironment } from "./environment-profiles.ts";
export { backUpOwnStore, type OwnStoreBackup } from "./processes/back-up-own-store.ts";
export { type BackupDrill, openBackupDrill } from "./processes/backup-drill.ts";
export { type MovedOwnStore, moveOwnStore, type OwnStoreMove } from "./processes/move-own-store.ts";
export { type OwnStoreRestore, type RestoredOwnStore, restoreOwnStore } from "./processes/restore-own-store.ts";
export { type LedgerServing, serveLedger, serveLedgerProcess } from "./processes/serve-ledger.ts";
export { type NodeServing, serveNodeByItself } from "./processes/serve-node.ts";
export { type OwnStoreServing, serveOwnStore } from "./processes/serve-own-store.ts";
export { serveStore } from "./processes/serve-store.ts";
export { type ServingFolder, type Standing, servingFolders, standingOf, stopServers } from "./standing.ts";
export { storeVariables } from "./store-variables.ts";
