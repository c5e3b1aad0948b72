import { mapAtMost, P8eError, parseUuid, type RandomBytes, randomUuid, type Uuid } from "@p8e/core";
import type { ServerDatabase } from "../configuration.ts";
import type { BackedUpObject } from "../domain/backed-up-object.ts";
import { type BackupManifest, backupTables, leftOutTables } from "../domain/backup-manifest.ts";
import { damageOf } from "../domain/damage.ts";
import { type StorageLocation, storageLocationText } from "../domain/storage-location.ts";
import { type Log, silentLog } from "../log.ts";
import { copyObject } from "../move/copy-object.ts";
import { Database, type Queryable } from "../postgres/database.ts";
import { storagePlaces } from "../postgres/move-rows.ts";
import { claimLock, SERVING } from "../postgres/store-lock.ts";
import { systemRandom } from "../random.ts";
import type { BlobStorage } from "../storage/blob-storage.ts";
import { openStorage } from "../storage/open-storage.ts";
import { systemStoreClock } from "../store-clock.ts";
import { BackupFolder, OBJECTS_FILE } from "./backup-folder.ts";
import { finishTables, type LoadParts, loadRows, makeTables } from "./load-rows.ts";
import { pagesOf } from "./pages-of.ts";

/** What is to be restored where. */
export interface RestoreStoreOptions {
  /** With a complete backup. */
  readonly folder: string;
  /** Without any rows of a store. */
  readonly database: ServerDatabase;
  /** Where the objects are to lie; nothing lies there. */
  readonly storage: StorageLocation;
  /** JSON of a Google service account, for a bucket there. */
  readonly googleKeyFile?: string | undefined;
  /** Restores although bytes of objects are missing from the backup or damaged in it: those will be missing. */
  readonly leaveDamaged?: boolean;
  /** Called after each object of the storage. */
  readonly onProgress?: ((progress: RestoreProgress) => void) | undefined;
  /** Called when the objects lie in the storage, before the first row is loaded. */
  readonly beforeRows?: (() => Promise<void>) | undefined;
  readonly log?: Log;
  readonly random?: RandomBytes;
  readonly signal?: AbortSignal | undefined;
}

/** How far a restore is. */
export interface RestoreProgress {
  /** Objects in the storage that are there, read back. */
  readonly objects: number;
  readonly bytes: number;
}

/** What a restore came to. */
export interface RestoredStore extends RestoreProgress {
  readonly manifest: BackupManifest;
  /** Objects that the backup should have and has not, or not as they were. */
  readonly damaged: readonly Uuid[];
}

const AT_ONCE = 4;

/**
 * Puts a backup into an empty database and an empty storage: first the objects' bytes, each read back, then all rows at
 * once. One that was interrupted has no rows, and goes on when it is given again.
 * @throws `backup.incomplete` when the folder has no complete backup, or not as it was written; `backup.not_empty` when
 *   database or storage have something; `environment.in_use` when a store serves on the database; `store.schema` for a newer
 *   release's backup; `store.storage`, `store.unavailable`, `rpc.cancelled`
 */
export async function restoreStore(options: RestoreStoreOptions): Promise<RestoredStore> {
  const { log = silentLog, random = systemRandom, signal, googleKeyFile } = options;
  const folder = new BackupFolder(options.folder);
  const manifest = await folder.manifest();
  await requireAsWritten(folder, manifest);
  await using stack = new AsyncDisposableStack();
  const configuration = {
    ...options.database,
    poolSize: 1,
    applicationName: `${options.database.applicationName}-restore`,
  };
  const database = stack.use(await Database.open(configuration, log));
  const connection = stack.use(await database.dedicated("rows"));
  const parts: LoadParts = {
    connection,
    configuration,
    folder,
    manifest,
    clock: systemStoreClock,
    random,
    log,
    signal,
  };
  await requireNoRows(connection, configuration.schema);
  await makeTables(parts);
  await requireNobodyServes(connection);
  const to = storageLocationText(options.storage);
  const goesOn = (await storagePlaces(connection)).movingTo === to;
  const target = stack.use(
    await openStorage(options.storage, { identity: manifest.store, googleKeyFile, clock: systemStoreClock, random }),
  );
  if (!goesOn && !(await target.isEmpty(signal))) {
    throw new P8eError("backup.not_empty", "something lies already where the objects are to be restored", {
      facts: { storage: to },
      hint: "name an empty folder, or a prefix of a bucket that nothing has",
    });
  }
  await connection.query({ text: "UPDATE p8e_store SET moving_to = $1", values: [to] });
  // Only traces go: what an interrupted restore had published is looked at again.
  await target.sweep({ graceMs: 0, objectExists: async () => true, log, ...(signal === undefined ? {} : { signal }) });
  const restored = await restoreBlobs({ folder, manifest, target, options, log, random });
  if (restored.damaged.length > 0 && options.leaveDamaged !== true) {
    throw new P8eError("backup.incomplete", `${restored.damaged.length} objects of the backup are missing or damaged`, {
      facts: { objects: restored.damaged.slice(0, 20) },
      hint: "take the folder from where it was copied to; --leave-damaged restores all that is there, without them",
    });
  }
  await options.beforeRows?.();
  await loadRows({ ...parts, manifest: { ...manifest, lacking: lackingWith(manifest, restored.damaged) } }, exactly);
  await finishTables(parts);
  log("info", "the store is restored", { objects: restored.objects });
  return { ...restored, manifest };
}

const exactly = { rowsMayLack: false } as const;

function lackingWith({ lacking }: BackupManifest, damaged: readonly Uuid[]): BackupManifest["lacking"] {
  const reason = "it was restored without its bytes";
  return [...lacking, ...damaged.map((object) => ({ object, kind: "missing" as const, reason }))];
}

/** @throws `backup.incomplete` */
async function requireAsWritten(folder: BackupFolder, manifest: BackupManifest): Promise<void> {
  const files = [...manifest.tables, { ...manifest.objects, name: OBJECTS_FILE }];
  for (const { name, ...written } of files) {
    if (await folder.isAsWritten(manifest.files, name, written)) continue;
    throw new P8eError("backup.incomplete", `the backup's file ${name} is not the one that was written`, {
      facts: { folder: folder.path },
      hint: "take the folder from where it was copied to; p8e drill tells what else is wrong with it",
    });
  }
}

/** @throws `backup.not_empty` */
async function requireNoRows(connection: Queryable, schema: string): Promise<void> {
  const { rows } = await connection.query<{ name: string }>({
    text: `SELECT c.relname::text AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
           WHERE n.nspname = $1 AND c.relkind IN ('r', 'p')`,
    values: [schema],
  });
  const known: readonly string[] = [...backupTables, ...leftOutTables];
  const there = rows.map(({ name }) => name);
  const foreign = there.filter((name) => !known.includes(name));
  const filled = ["public_key", "object"].filter((name) => there.includes(name));
  for (const name of filled) {
    const { count } = await connection.query({ text: `SELECT 1 FROM ${name} LIMIT 1` });
    if (count > 0) foreign.push(name);
  }
  if (foreign.length === 0) return;
  throw new P8eError("backup.not_empty", "the database that is to be restored into has something in it", {
    facts: { schema, tables: foreign.slice(0, 20) },
    hint: "name an empty database: for a party's own store, a profile whose store was never started",
  });
}

async function requireNobodyServes(connection: Queryable): Promise<void> {
  const { rows } = await connection.query<{ identity: Uuid }>({ text: "SELECT identity FROM p8e_store" });
  if (rows[0] !== undefined && (await claimLock(connection, rows[0].identity, SERVING))) return;
  throw new P8eError("environment.in_use", "a store serves on the database that is to be restored into", {
    hint: "stop it first",
  });
}

interface Restoring {
  readonly folder: BackupFolder;
  readonly manifest: BackupManifest;
  readonly target: BlobStorage;
  readonly options: RestoreStoreOptions;
  readonly log: Log;
  readonly random: RandomBytes;
}

async function restoreBlobs(restoring: Restoring): Promise<Omit<RestoredStore, "manifest">> {
  const { folder, manifest, options } = restoring;
  const lacks = new Set(manifest.lacking.map(({ object }) => object));
  const lengths = new Map(manifest.otherLengths?.map(({ object, length }) => [object, length]));
  const restored = { objects: 0, bytes: 0 };
  const damaged: Uuid[] = [];
  const wanted = (object: BackedUpObject) => object.inStorage && !lacks.has(object.uuid);
  for await (const objects of pagesOf(folder.objects(manifest.files), wanted)) {
    await mapAtMost(
      AT_ONCE,
      objects,
      async (object, stop) => {
        const whole = lengths.get(object.uuid) ?? Number(object.dimeLength);
        if (!(await restoreBlob(restoring, object, { length: whole, stop }))) damaged.push(object.uuid);
        else {
          restored.objects++;
          restored.bytes += object.integrity?.length ?? whole;
        }
        options.onProgress?.(restored);
      },
      options.signal,
    );
  }
  return { ...restored, damaged: damaged.sort() };
}

/** False when the backup has not got it, or not as it was. */
async function restoreBlob(
  { folder, target, log, random }: Restoring,
  object: BackedUpObject,
  { length, stop }: { readonly length: number; readonly stop: AbortSignal },
): Promise<boolean> {
  // What has no checksum is held to its length.
  const there = object.integrity === undefined ? await folder.blobLength(object) : undefined;
  if (there !== undefined && there !== length) {
    log("warn", "an object of the backup cannot be restored", { object: object.uuid, length: there, wanted: length });
    return false;
  }
  const from = folder.blobs(object);
  const freshUuid = () => parseUuid(randomUuid(random));
  try {
    await copyObject({ from, to: target, freshUuid, log }, { ...object, payload: null }, stop);
    return true;
  } catch (error) {
    const damage = damageOf(error);
    if (damage === undefined) throw error;
    log("warn", "an object of the backup cannot be restored", { object: object.uuid, ...damage });
    return false;
  }
}
