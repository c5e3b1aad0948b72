import { setTimeout as delay } from "node:timers/promises";
import { mapAtMost, P8eError, parseUuid, type RandomBytes, randomUuid, throwIfCancelled, type Uuid } from "@p8e/core";
import type { ServerDatabase } from "../configuration.ts";
import { type BackedUpObject, backedUpObjectsQuery } from "../domain/backed-up-object.ts";
import { BACKUP_FORMAT, type BackupManifest, backupTables, LACKING_MAX } from "../domain/backup-manifest.ts";
import { type Damage, damageOf } from "../domain/damage.ts";
import { type StorageLocation, storageLocationText } from "../domain/storage-location.ts";
import { type Log, silentLog } from "../log.ts";
import { Database, type DedicatedConnection, type Queryable } from "../postgres/database.ts";
import { storagePlaces } from "../postgres/move-rows.ts";
import { findByUuid, objectExists } from "../postgres/object-rows.ts";
import { claimLock } from "../postgres/store-lock.ts";
import { systemRandom } from "../random.ts";
import { damageIn } from "../scrub/check-object.ts";
import type { BlobReader } from "../storage/blob-storage.ts";
import { openStorageReader } from "../storage/open-storage.ts";
import { openStored } from "../storage/open-stored.ts";
import { backupColumns, columnList } from "./backup-columns.ts";
import { BackupFolder, OBJECTS_FILE } from "./backup-folder.ts";
import { pagesOf } from "./pages-of.ts";

/** What is to be backed up where. */
export interface BackUpStoreOptions {
  readonly database: ServerDatabase;
  /** Where the configuration says that the objects lie. */
  readonly storage: StorageLocation;
  /** JSON of a Google service account, for objects that lie there. */
  readonly googleKeyFile?: string | undefined;
  /** A new folder, or one with a backup of the same store. */
  readonly folder: string;
  /** Called after each object of the storage. */
  readonly onProgress?: ((progress: BackupProgress) => void) | undefined;
  readonly log?: Log;
  readonly random?: RandomBytes;
  readonly signal?: AbortSignal | undefined;
}

/** How far a backup is. */
export interface BackupProgress {
  /** Objects whose bytes were copied, and these bytes; those in the database are not counted. */
  readonly copied: number;
  readonly bytes: number;
  /** Objects whose bytes the folder had. */
  readonly kept: number;
}

/** What a backup came to. */
export interface BackedUpStore extends BackupProgress {
  readonly manifest: BackupManifest;
}

const AT_ONCE = 4;
/** So often a snapshot is taken anew because bytes were replaced while they were copied. */
const ROUNDS = 3;
/** Between two looks at a row that somebody holds. */
const LOOK_AGAIN_MS = 200;

/**
 * Backs a store up into a folder: its tables as of one moment, and the bytes of the objects that they name, each compared
 * with its row's checksum. The store may serve meanwhile: nothing removes the bytes of an object that has a row, and when
 * they are replaced, which happens to damaged ones, a new snapshot is taken. Bytes that the folder has are not copied
 * again. The folder has this backup as soon as its manifest is there, and until then the one before.
 * @throws `backup.not_empty` for a folder that is not this store's; `configuration.invalid` when the objects lie elsewhere;
 *   `state.conflict` when another backup is under way; `object.corrupt` when more objects are damaged than a manifest can
 *   name; `store.storage`, `store.unavailable`, `store.schema`, `rpc.cancelled`
 */
export async function backUpStore(options: BackUpStoreOptions): Promise<BackedUpStore> {
  const { log = silentLog, random = systemRandom, signal } = options;
  await using stack = new AsyncDisposableStack();
  const database = stack.use(
    await Database.open(
      {
        ...options.database,
        poolSize: 1,
        applicationName: `${options.database.applicationName}-backup`,
        options: `${options.database.options} -c default_transaction_read_only=on`.trim(),
      },
      log,
    ),
  );
  const connection = stack.use(await database.dedicated("snapshot"));
  await requireStore(connection);
  const identity = await identityOf(connection);
  if (!(await claimLock(connection, identity, "backup"))) {
    throw new P8eError("state.conflict", "another backup of this store is under way");
  }
  await requireLocation(connection, options.storage);
  const storage = stack.use(await openStorageReader(options.storage, options.googleKeyFile));
  const folder = new BackupFolder(options.folder);
  await folder.prepare(identity);
  const progress = { copied: 0, bytes: 0, kept: 0 };
  for (let round = 1; ; round++) {
    const snapshot = await writeSnapshot(connection, folder, {
      identity,
      files: parseUuid(randomUuid(random)),
      signal,
    });
    const copying = { database, storage, folder, progress, again: progress.copied, log, options };
    const blobs = await copyBlobs(copying, snapshot.files);
    if (blobs.replaced === 0) {
      const { inStorage, storageBytes, lacking, otherLengths } = blobs;
      const objects = { ...snapshot.objects, inStorage, storageBytes };
      const manifest: BackupManifest = { ...snapshot, objects, lacking, otherLengths };
      throwIfCancelled(signal);
      await folder.publish(manifest);
      log("info", "the store is backed up", { folder: options.folder, copied: progress.copied, kept: progress.kept });
      return { ...progress, manifest };
    }
    if (round === ROUNDS) {
      throw new P8eError("state.conflict", `${blobs.replaced} objects were replaced while they were copied, again`, {
        hint: "give the command again: it copies only what the folder does not have",
      });
    }
    Object.assign(progress, { kept: 0 });
  }
}

async function requireStore(connection: Queryable): Promise<void> {
  const { rows } = await connection.query<{ present: boolean }>({
    text: "SELECT to_regclass('p8e_store') IS NOT NULL AND to_regclass('p8e_object_damage') IS NOT NULL AS present",
  });
  if (rows[0]?.present) return;
  throw new P8eError("store.schema", "this database was never opened by a store of this release", {
    hint: "start the store once, or check DB_NAME and DB_SCHEMA",
  });
}

async function identityOf(connection: Queryable): Promise<Uuid> {
  const { rows } = await connection.query<{ identity: Uuid }>({ text: "SELECT identity FROM p8e_store" });
  if (rows[0] === undefined) throw new P8eError("store.schema", "the store's own row is missing");
  return rows[0].identity;
}

async function requireLocation(connection: Queryable, location: StorageLocation): Promise<void> {
  const [{ storage }, configured] = [await storagePlaces(connection), storageLocationText(location)];
  if (storage === undefined || storage === configured) return;
  throw new P8eError("configuration.invalid", "the store's objects lie elsewhere than its configuration says", {
    facts: { storage, configured },
    hint: "name in the configuration where they lie",
  });
}

/** The tables, all as of one moment. */
async function writeSnapshot(
  connection: DedicatedConnection,
  folder: BackupFolder,
  {
    identity,
    files,
    signal,
  }: { readonly identity: Uuid; readonly files: Uuid; readonly signal: AbortSignal | undefined },
): Promise<Omit<BackupManifest, "objects" | "lacking" | "otherLengths"> & { readonly objects: Rows }> {
  const write = (name: string, what: string) =>
    folder.writeRows(files, name, (take) =>
      connection.copyOut(`COPY ${what} TO STDOUT`, async (bytes) => {
        throwIfCancelled(signal);
        await take(bytes);
      }),
    );
  // Rows as text do not depend on the server's settings then.
  await connection.query({
    text: "SET client_encoding = 'UTF8'; SET datestyle = 'ISO'; SET timezone = 'UTC'; SET bytea_output = 'hex'",
  });
  await connection.query({ text: "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY" });
  try {
    const { rows: times } = await connection.query<{ now: Date }>({ text: "SELECT now() AS now" });
    const schema = await schemaOf(connection);
    const tables: BackupManifest["tables"][number][] = [];
    for (const name of backupTables) {
      const columns = await backupColumns(connection, name);
      tables.push({ name, columns: [...columns], ...(await write(name, `${name} (${columnList(columns)})`)) });
    }
    const objects = await write(OBJECTS_FILE, `(${backedUpObjectsQuery})`);
    const takenAt = times[0]!.now.toISOString();
    return { format: BACKUP_FORMAT, store: identity, takenAt, schema, files, tables, objects };
  } finally {
    // A connection that broke has no transaction any more.
    await connection.query({ text: "ROLLBACK" }).catch(() => {});
  }
}

type Rows = Omit<BackupManifest["objects"], "inStorage" | "storageBytes">;

async function schemaOf(connection: Queryable): Promise<BackupManifest["schema"]> {
  const { rows } = await connection.query<{ reference: number; own: number }>({
    text: `SELECT (SELECT count(*)::int FROM _sqlx_migrations) AS reference,
                  (SELECT max(version)::int FROM p8e_migration) AS own`,
  });
  return rows[0]!;
}

interface Copying {
  readonly database: Database;
  readonly storage: BlobReader;
  readonly folder: BackupFolder;
  readonly progress: { copied: number; bytes: number; kept: number };
  /** Copied in earlier rounds: so many that are found in the folder in this one were not kept, but counted already. */
  again: number;
  readonly log: Log;
  readonly options: BackUpStoreOptions;
}

/** What became of one object's bytes. */
type Outcome = { readonly length: number } | { readonly lacks: Damage } | "replaced";

async function copyBlobs(copying: Copying, files: Uuid) {
  const { folder, options } = copying;
  const lacking: BackupManifest["lacking"][number][] = [];
  const otherLengths: { object: Uuid; length: number }[] = [];
  const directories = new Set<string>();
  let [inStorage, storageBytes, replaced] = [0, 0, 0];
  const take = async (objects: readonly BackedUpObject[]) => {
    const outcomes = await mapAtMost(
      AT_ONCE,
      objects,
      (object, stop) => copyBlob(copying, object, stop),
      options.signal,
    );
    for (const [index, outcome] of outcomes.entries()) {
      const object = objects[index]!;
      inStorage++;
      if (outcome === "replaced") replaced++;
      else if ("length" in outcome) {
        storageBytes += outcome.length;
        directories.add(object.directory);
        if (object.integrity === undefined && BigInt(outcome.length) !== object.dimeLength) {
          otherLengths.push({ object: object.uuid, length: outcome.length });
        }
      } else lacking.push({ object: object.uuid, ...outcome.lacks });
    }
    if (otherLengths.length > LACKING_MAX) {
      throw new P8eError("object.corrupt", `more than ${LACKING_MAX} objects have other lengths than their rows say`, {
        hint: "look whether the store's storage is the right one",
      });
    }
    if (lacking.length > LACKING_MAX) {
      throw new P8eError("object.corrupt", `more than ${LACKING_MAX} objects are missing or damaged in the store`, {
        hint: "look whether its storage is the right one, and repair them first: p8e store repair",
      });
    }
  };
  for await (const objects of pagesOf(folder.objects(files), ({ inStorage: there }) => there)) await take(objects);
  await folder.syncBlobs(directories);
  return { inStorage, storageBytes, replaced, lacking, otherLengths };
}

async function copyBlob(copying: Copying, object: BackedUpObject, stop: AbortSignal): Promise<Outcome> {
  const { folder, progress, storage, log, options } = copying;
  const there = await folder.blobLength(object);
  // What has another length than its row says, as the original may have left it, is copied each time.
  if (there !== undefined && BigInt(there) === BigInt(object.integrity?.length ?? object.dimeLength)) {
    if (copying.again > 0) copying.again--;
    else progress.kept++;
    options.onProgress?.(progress);
    return { length: there };
  }
  try {
    await using stored = await openStored(storage, { ...object, payload: null }, silentLog);
    const length = await folder.writeBlob(object, untilStopped(stored.chunks(), stop));
    progress.copied++;
    progress.bytes += length;
    options.onProgress?.(progress);
    return { length };
  } catch (error) {
    const damage = damageOf(error);
    if (damage === undefined) throw error;
    if (await isReplaced(copying, object, stop)) return "replaced";
    log("warn", "an object cannot be backed up", { object: object.uuid, ...damage });
    return { lacks: damage };
  }
}

/**
 * Whether an object that could not be copied is no longer as the snapshot has it, or is whole after all. A repair replaces
 * the bytes first and the row after, and holds the row meanwhile: it is waited for.
 */
async function isReplaced(
  { database, storage }: Pick<Copying, "database" | "storage">,
  { uuid, repairVersion }: BackedUpObject,
  signal: AbortSignal,
): Promise<boolean> {
  return database.transaction(async (connection) => {
    await connection.query({ text: "SET TRANSACTION READ WRITE" }); // else no row can be held; nothing is written
    const held = "SELECT 1 FROM object WHERE uuid = $1 FOR SHARE SKIP LOCKED";
    while ((await connection.query({ text: held, values: [uuid] })).count === 0) {
      throwIfCancelled(signal);
      if (!(await objectExists(connection, uuid))) return false;
      await delay(LOOK_AGAIN_MS);
    }
    const now = await findByUuid(connection, uuid);
    if (now === undefined) return false;
    if (now.repairVersion !== repairVersion) return true;
    return (await damageIn(storage, { ...now, payload: null }, { spend: async () => {}, signal })) === undefined;
  });
}

async function* untilStopped(pieces: AsyncIterable<Uint8Array>, signal: AbortSignal): AsyncGenerator<Uint8Array, void> {
  for await (const piece of pieces) {
    throwIfCancelled(signal);
    yield piece;
  }
}
