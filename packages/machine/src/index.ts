export {
  FOLDER_HOLDER_FILE,
  FOLDER_LOCK_FILE,
  type FolderLock,
  type FolderLockOptions,
  folderHolder,
  lockFolder,
} from "./folder-lock.ts";
export { freePort } from "./free-port.ts";
export { jsonLog, type LineLog } from "./json-log.ts";
export { retireLeftovers } from "./leftovers.ts";
export { isOwned, OwnerFile, removeOwnerFile } from "./owner-file.ts";
export { isAlive, workingFolder } from "./process-identity.ts";
export { markedProcess, markProcess, unmarkProcess } from "./process-mark.ts";
export { readVariables, type VariableSources, type Variables } from "./read-variables.ts";
export { OPEN_WITHOUT_WAITING, openRegularFile, readRegularFile } from "./regular-file.ts";
export { type Served, serveAsChild } from "./serve-child.ts";
export { type ReadyMessage, ServerProcess, type ServerProcessOptions } from "./server-process.ts";
