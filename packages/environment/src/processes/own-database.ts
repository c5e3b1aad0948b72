import { randomBytes } from "node:crypto";
import { mkdir } from "node:fs/promises";
import { join, resolve } from "node:path";
import { P8eError } from "@p8e/core";
import { lockFolder } from "@p8e/machine";
import type { Log } from "@p8e/object-store";
import { type LocatedProfile, ownStoreAccess, type StoreAccess, writeStoreFile } from "@p8e/party";

/** What the database of a party's own store is opened with. */
export interface OwnDatabaseOptions {
  readonly variables: Readonly<Record<string, string | undefined>>;
  /** Where a new store's objects are to lie, if not in its folder. */
  readonly storage?: string | undefined;
  /** The storage is taken for a restore, and written down by `saveStorage` alone: nothing lies there yet. */
  readonly restores?: boolean;
  readonly log: Log;
  /** Holds what was started until the store is closed. */
  readonly stack: AsyncDisposableStack;
  readonly signal: AbortSignal | undefined;
}

/** Where a store keeps what it has, its database running. */
export interface OwnDatabase {
  readonly access: StoreAccess;
  /** Writes down that its objects lie elsewhere; undefined when that stands in the profile, which a person writes. */
  readonly saveStorage: ((storage: string) => Promise<void>) | undefined;
}

/**
 * The database of the store that a profile describes: in the store's data folder, which is locked and its PostgreSQL
 * started, or the one that the profile names.
 * @throws `configuration.invalid` when the profile knows the store by its URL alone, or its objects lie elsewhere than they
 *   are to; `environment.in_use` when the folder's store runs
 */
export async function openOwnDatabase(
  located: LocatedProfile,
  { variables, storage, restores = false, log, stack, signal }: OwnDatabaseOptions,
): Promise<OwnDatabase> {
  const { data } = located.profile.store;
  const before = await ownStoreAccess(located, variables);
  const anew = restores && data !== undefined;
  if (before !== undefined && storage !== undefined && storage !== before.storage && !anew) {
    throw new P8eError("configuration.invalid", "the store's objects lie elsewhere", {
      facts: { storage: before.storage ?? before.storagePath, wanted: storage },
      hint: "p8e store move --to takes them there",
    });
  }
  if (data === undefined) {
    if (before !== undefined) return { access: before, saveStorage: undefined };
    throw new P8eError("configuration.invalid", "the profile knows its store by the URL alone", {
      facts: { file: located.file, field: "store" },
      hint: "Give store.data a folder to run it here, or store.database the database it runs on.",
    });
  }
  const folder = resolve(located.folder, data);
  stack.use(await lockFolder(folder, { runs: "the store", signal, hint: "npx p8e down stops it." }));
  const { KeptPostgres } = await import("@p8e/local-postgres");
  const postgres = stack.use(
    await KeptPostgres.open({ dataDir: join(folder, "postgres"), say: (text) => log("warn", text), signal }),
  );
  const role = "object-store";
  const database = {
    host: postgres.host,
    port: postgres.port,
    name: role,
    user: role,
    password: before?.database.password ?? randomBytes(24).toString("base64url"),
    schema: "public",
  };
  const storagePath = join(folder, "objects");
  await mkdir(storagePath, { recursive: true, mode: 0o700 });
  const lies = anew ? (storage ?? before?.storage) : (before?.storage ?? storage);
  const save = (where: string | undefined) =>
    writeStoreFile(folder, { database, storagePath: "objects", ...(where === undefined ? {} : { storage: where }) });
  // First the file, then the role: a crash between them leaves a password that the next start gives to the role.
  await save(anew ? before?.storage : lies);
  await postgres.createDatabase(role, role, database.password);
  const access = { database, storagePath, ...(lies === undefined ? {} : { storage: lies }) };
  return { access, saveStorage: save };
}
