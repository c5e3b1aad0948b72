// The door for who looks into a store from outside its process: its database and its storage, and nothing that serves.
export { hashesHeld, type SampledObject, sampleBackup } from "../backup/sample-backup.ts";
export { databaseVariables, parseStoreConfiguration, type StoreConfiguration } from "../configuration.ts";
export { pauseReplication, repairNow, resumeReplication, retryReplication } from "../steer-replication.ts";
export { hashesBeginning } from "./find-hashes.ts";
export {
  type InspectedObject,
  type InspectedReader,
  inspectObject,
  verifyStoredObject,
  whyNotReplicated,
} from "./inspect-object.ts";
export { type ListedObject, type ListedObjects, listObjects, storedPieces } from "./list-objects.ts";
export { replicationOverview } from "./replication-overview.ts";
export { openStoreReader, type StoreReader } from "./store-reader.ts";
export { type StoredHealth, storedHealth } from "./stored-health.ts";
