import { P8eError } from "@p8e/core";
import type { ServerDatabase } from "../configuration.ts";
import type { StorageLocation } from "../domain/storage-location.ts";
import { Database } from "../postgres/database.ts";
import type { BlobReader } from "../storage/blob-storage.ts";
import { openStorageReader } from "../storage/open-storage.ts";

/** A look into a store from outside its process: its database, read only, and its storage. */
export interface StoreReader extends AsyncDisposable {
  readonly database: Database;
  /** Undefined when none was named: objects in the storage can then be located, but not checked. */
  readonly storage: BlobReader | undefined;
}

/**
 * @throws `store.unavailable` when the database does not answer, `store.schema` when no store of ours has ever opened it
 */
export async function openStoreReader(
  configuration: ServerDatabase,
  options: { readonly storage?: StorageLocation; readonly googleKeyFile?: string | undefined } = {},
): Promise<StoreReader> {
  const database = await Database.open({
    ...configuration,
    poolSize: 2,
    applicationName: `${configuration.applicationName}-reader`,
    options: `${configuration.options} -c default_transaction_read_only=on`.trim(),
  });
  try {
    const { rows } = await database.query<{ present: boolean }>({
      text: "SELECT to_regclass('p8e_store') IS NOT NULL AND to_regclass('p8e_object_damage') IS NOT NULL AS present",
    });
    if (!rows[0]?.present) {
      throw new P8eError("store.schema", "this database was never opened by a store of this release", {
        hint: "start the store once, or check DB_NAME and DB_SCHEMA",
      });
    }
    const storage =
      options.storage === undefined ? undefined : await openStorageReader(options.storage, options.googleKeyFile);
    return {
      database,
      storage,
      async [Symbol.asyncDispose]() {
        await storage?.[Symbol.asyncDispose]();
        await database[Symbol.asyncDispose]();
      },
    };
  } catch (error) {
    await database[Symbol.asyncDispose]();
    throw error;
  }
}
