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
  parseEnvironmentFile,
  readEnvironmentFile,
} from "./environment-file.ts";
export { environmentProfile, profilesOf, requireEnvironment } from "./environment-profiles.ts";
export { serveLedgerProcess } from "./processes/serve-ledger.ts";
export { serveStore } from "./processes/serve-store.ts";
export { storeVariables } from "./store-variables.ts";
