export {
  type Environment,
  type EnvironmentOptions,
  type EnvironmentPids,
  type EnvironmentProcess,
  startEnvironment,
} from "./environment.ts";
export {
  type DatabaseEntry,
  type EnvironmentFile,
  type PartyEntry,
  parseEnvironmentFile,
  readEnvironmentFile,
} from "./environment-file.ts";
export { affiliateOfEntry, findParty, type OpenParty, openParty, requireEnvironment } from "./open-party.ts";
export type { PartyKeys } from "./party-keys.ts";
export { serveLedgerProcess } from "./processes/serve-ledger.ts";
export { serveStore } from "./processes/serve-store.ts";
export { storeVariables } from "./store-variables.ts";
