// The door for those who look into an environment that is there: nothing that starts one is loaded with it.
export { type EnvironmentFile, type LedgerKind, readEnvironmentFile } from "./environment-file.ts";
export { environmentProfile, profilesOf, requireEnvironment } from "./environment-profiles.ts";
export { type ServingFolder, type Standing, servingFolders, standingOf } from "./standing.ts";
export { storeVariables } from "./store-variables.ts";
