import { jsonLog } from "@p8e/machine";
import type { MovedStorage, MoveProgress } from "@p8e/object-store";
import type { LocatedProfile } from "@p8e/party";
import { storeVariables } from "../store-variables.ts";
import { anyOwnDatabase } from "./any-own-database.ts";

/** Where a party's own store is to keep its objects from now on. */
export interface OwnStoreMove {
  readonly located: LocatedProfile;
  /** An absolute path, `s3://…` or `gs://…`. */
  readonly to: string;
  readonly leaveDamaged?: boolean;
  /** Environment variables: the password where the profile names one, credentials for buckets. */
  readonly variables: Readonly<Record<string, string | undefined>>;
  readonly onProgress?: ((progress: MoveProgress) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** What a move came to, and what a person has to write into the profile by hand for the store to open. */
export interface MovedOwnStore extends MovedStorage {
  readonly writeDown: string | undefined;
}

/**
 * Moves the objects of the store that a profile describes, and writes into its `store.json` where they lie. While the store
 * runs everything is copied and nothing switched.
 * @throws as `moveStorage`, and `configuration.invalid`
 */
export async function moveOwnStore(options: OwnStoreMove): Promise<MovedOwnStore> {
  const { to, variables, leaveDamaged, onProgress, signal } = options;
  const log = jsonLog((line) => process.stderr.write(line), Date.now);
  await using stack = new AsyncDisposableStack();
  const { access, saveStorage } = await anyOwnDatabase(options.located, { variables, stack, signal });
  const { moveStorage, parseStorageLocation, parseStoreConfiguration, storageLocationText } = await import(
    "@p8e/object-store"
  );
  const target = parseStorageLocation(to);
  const { database, storage } = parseStoreConfiguration({
    ...variables,
    ...storeVariables(access, { host: "127.0.0.1", port: 0 }),
  });
  const moved = await moveStorage({
    database,
    from: storage.location,
    to: target,
    googleKeyFile: storage.googleKeyFile,
    leaveDamaged: leaveDamaged ?? false,
    onProgress,
    log: (level, event, facts) => (level === "warn" || level === "error" ? log(level, event, facts) : undefined),
    signal,
  });
  const text = storageLocationText(target);
  if (moved.switched) await saveStorage?.(text);
  return { ...moved, writeDown: moved.switched && saveStorage === undefined ? text : undefined };
}
