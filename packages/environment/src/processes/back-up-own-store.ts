import { jsonLog } from "@p8e/machine";
import type { BackedUpStore, BackupProgress } from "@p8e/object-store";
import type { LocatedProfile } from "@p8e/party";
import { storeVariables } from "../store-variables.ts";
import { anyOwnDatabase } from "./any-own-database.ts";

/** Which party's own store is backed up, and where to. */
export interface OwnStoreBackup {
  readonly located: LocatedProfile;
  readonly folder: string;
  /** Environment variables: the password where the profile names one, credentials for buckets. */
  readonly variables: Readonly<Record<string, string | undefined>>;
  readonly onProgress?: ((progress: BackupProgress) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Backs up the store that a profile describes, while it serves or while it does not: its database is started for it then.
 * @throws as `backUpStore`, and `configuration.invalid`
 */
export async function backUpOwnStore(options: OwnStoreBackup): Promise<BackedUpStore> {
  const { located, folder, variables, onProgress, signal } = options;
  const log = jsonLog((line) => process.stderr.write(line), Date.now);
  await using stack = new AsyncDisposableStack();
  const { access } = await anyOwnDatabase(located, { variables, stack, signal });
  const { backUpStore, parseStoreConfiguration } = await import("@p8e/object-store");
  const { database, storage } = parseStoreConfiguration({
    ...variables,
    ...storeVariables(access, { host: "127.0.0.1", port: 0 }),
  });
  return await backUpStore({
    database,
    storage: storage.location,
    googleKeyFile: storage.googleKeyFile,
    folder,
    onProgress,
    log: (level, event, facts) => (level === "warn" || level === "error" ? log(level, event, facts) : undefined),
    signal,
  });
}
