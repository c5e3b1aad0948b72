import { jsonLog } from "@p8e/machine";
import type { RestoredStore, RestoreProgress } from "@p8e/object-store";
import type { LocatedProfile } from "@p8e/party";
import { storeVariables } from "../store-variables.ts";
import { openOwnDatabase } from "./own-database.ts";

/** Which backup becomes which party's own store. */
export interface OwnStoreRestore {
  readonly located: LocatedProfile;
  /** With the backup. */
  readonly folder: string;
  /** Where the objects are to lie, if not where the profile says: an absolute path, `s3://…` or `gs://…`. */
  readonly to?: string | undefined;
  readonly leaveDamaged?: boolean;
  /** Environment variables: the password where the profile names one, credentials for buckets. */
  readonly variables: Readonly<Record<string, string | undefined>>;
  readonly onProgress?: ((progress: RestoreProgress) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** What was restored, and where its objects lie. */
export interface RestoredOwnStore extends RestoredStore {
  readonly storage: string;
}

/**
 * Restores a backup into the store that a profile describes and that was never started, or has an empty database.
 * @throws as `restoreStore`, and `configuration.invalid` also when the profile says that its objects lie elsewhere;
 *   `environment.in_use` when the store runs
 */
export async function restoreOwnStore(options: OwnStoreRestore): Promise<RestoredOwnStore> {
  const { located, folder, to, leaveDamaged = false, variables, onProgress, signal } = options;
  const log = jsonLog((line) => process.stderr.write(line), Date.now);
  await using stack = new AsyncDisposableStack();
  const { parseStorageLocation, parseStoreConfiguration, restoreStore, storageLocationText } = await import(
    "@p8e/object-store"
  );
  const wanted = to === undefined ? undefined : storageLocationText(parseStorageLocation(to));
  const opening = { variables, storage: wanted, restores: true, log: () => {}, stack, signal };
  const { access, saveStorage } = await openOwnDatabase(located, opening);
  const { database, storage } = parseStoreConfiguration({
    ...variables,
    ...storeVariables(access, { host: "127.0.0.1", port: 0 }),
  });
  const restored = await restoreStore({
    folder,
    database,
    storage: storage.location,
    googleKeyFile: storage.googleKeyFile,
    leaveDamaged,
    onProgress,
    // Not earlier: a restore that is refused leaves the place open. Not later: rows must not be without their objects.
    beforeRows: async () => (access.storage === undefined ? undefined : saveStorage?.(access.storage)),
    log: (level, event, facts) => (level === "warn" || level === "error" ? log(level, event, facts) : undefined),
    signal,
  });
  return { ...restored, storage: storageLocationText(storage.location) };
}
