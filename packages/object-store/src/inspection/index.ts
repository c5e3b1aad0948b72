// The door for who looks into a store from outside its process: its database and its storage, and nothing that serves.
export { databaseVariables, parseStoreConfiguration } from "../configuration.ts";
export {
  type InspectedObject,
  type InspectedReader,
  inspectObject,
  verifyStoredObject,
  whyNotReplicated,
} from "./inspect-object.ts";
export { openStoreReader, type StoreReader } from "./store-reader.ts";
