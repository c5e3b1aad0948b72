import {
  type Clock,
  hasCode,
  mapAtMost,
  P8eError,
  parseUuid,
  type RandomBytes,
  randomUuid,
  type Uuid,
} from "@p8e/core";
import type { ServerDatabase } from "../configuration.ts";
import { type StorageLocation, storageLocationText } from "../domain/storage-location.ts";
import { type Log, reasonOf, silentLog } from "../log.ts";
import { migrateStore } from "../migrate-store.ts";
import { Database, type Queryable } from "../postgres/database.ts";
import { beginMove, endMove, noteMoved, objectsToMove, storagePlaces } from "../postgres/move-rows.ts";
import { findByUuid } from "../postgres/object-rows.ts";
import { claimLock, SERVING } from "../postgres/store-lock.ts";
import { systemRandom } from "../random.ts";
import { openStorage, openStorageReader } from "../storage/open-storage.ts";
import { systemStoreClock } from "../store-clock.ts";
import { type CopyParts, copyObject } from "./copy-object.ts";

/** What is to be moved where. */
export interface MoveStorageOptions {
  readonly database: ServerDatabase;
  /** Where the configuration says that the objects lie. */
  readonly from: StorageLocation;
  readonly to: StorageLocation;
  /** JSON of a Google service account, for whichever of the two is a bucket there. */
  readonly googleKeyFile?: string | undefined;
  /** Switches although some objects are damaged or missing where they are: those will be missing. */
  readonly leaveDamaged?: boolean;
  /** Called after each object. */
  readonly onProgress?: ((progress: MoveProgress) => void) | undefined;
  readonly log?: Log;
  readonly clock?: Clock;
  readonly random?: RandomBytes;
  readonly signal?: AbortSignal | undefined;
}

/** How far a move is. */
export interface MoveProgress {
  /** Objects that were copied and read back. */
  readonly copied: number;
  /** Bytes of them. */
  readonly bytes: number;
  /** Objects that are damaged or missing where they are. */
  readonly damaged: readonly Uuid[];
}

/** What a move came to. */
export interface MovedStorage extends MoveProgress {
  /**
   * Whether the store reads and writes at the new place from its next start on. It does not while a process of it serves:
   * then everything is copied, and a move once it is stopped copies what came since, and switches.
   */
  readonly switched: boolean;
}

const PAGE = 200;
const AT_ONCE = 4;
/** The longest pause before a process asks for its lock again, and its time to end what is under way. */
const GONE_MS = 20_000;

/**
 * Copies the objects of a store that are not in its database to another storage, reads each back, and switches: from then
 * on the store opens there and nowhere else. What lies at the old place stays. A move that was interrupted goes on where
 * it was.
 * @throws `input.invalid` when the objects lie elsewhere than `from` says; `state.conflict` when another move is under way;
 *   `object.corrupt` when objects are damaged or missing and are not to be left; `store.storage`, `store.unavailable`,
 *   `store.schema`
 */
export async function moveStorage(options: MoveStorageOptions): Promise<MovedStorage> {
  const { log = silentLog, clock = systemStoreClock, random = systemRandom, signal, googleKeyFile } = options;
  await migrateStore(options.database, { log, ...(signal === undefined ? {} : { signal }) });
  const [from, to] = [storageLocationText(options.from), storageLocationText(options.to)];
  await using stack = new AsyncDisposableStack();
  const database = stack.use(await openOwn(options.database, log));
  const connection = stack.use(await database.dedicated("move"));
  const { rows } = await connection.query<{ identity: Uuid }>({ text: "SELECT identity FROM p8e_store" });
  const identity = rows[0]!.identity;
  if (!(await claimLock(connection, identity, "move"))) {
    throw new P8eError("state.conflict", "another move of this store is under way");
  }
  const { storage: lies } = await storagePlaces(connection);
  const moving: Moving = { copied: 0, bytes: 0, damaged: [] };
  if (lies === to) return { ...moving, switched: true };
  if (from === to)
    throw new P8eError("input.invalid", "the objects are to be moved to where they are", { facts: { to } });
  if (lies !== undefined && lies !== from) {
    throw new P8eError("input.invalid", "the store's objects lie elsewhere than its configuration says", {
      facts: { storage: lies, configured: from },
      hint: "name in the configuration where they lie, then move them",
    });
  }
  const source = stack.use(await openStorageReader(options.from, googleKeyFile));
  const target = stack.use(await openStorage(options.to, { identity, googleKeyFile, clock, random }));
  // Only traces go: what an interrupted move had published is looked at again, since no row says that it was read back.
  await target.sweep({ graceMs: 0, objectExists: async () => true, log, signal });
  await beginMove(connection, to);
  const parts = { from: source, to: target, freshUuid: () => parseUuid(randomUuid(random)), log };
  await copyAll(database, parts, moving, options);
  const switched = await claimLock(connection, identity, SERVING);
  if (!switched) return { ...moving, switched };
  await connectionsGone(connection, options.database.applicationName, clock);
  moving.damaged = [];
  await copyAll(database, parts, moving, options);
  if (moving.damaged.length > 0 && options.leaveDamaged !== true) {
    throw new P8eError("object.corrupt", `${moving.damaged.length} objects are damaged or missing where they are`, {
      facts: { objects: moving.damaged.toSorted().slice(0, 20) },
      hint: "repair them (putting an object again does), or leave them behind with --leave-damaged; nothing was switched",
    });
  }
  await endMove(connection, to);
  log("info", "the store's objects have moved", { copied: moving.copied, bytes: moving.bytes });
  return { ...moving, switched };
}

/**
 * A process that lost its lock with its connection stops serving as soon as it finds the lock taken. It is given the time
 * for that while anybody is connected under the stores' name; with many stores in one database somebody always is.
 */
async function connectionsGone(connection: Queryable, applicationName: string, clock: Clock): Promise<void> {
  for (let waitedMs = 0; waitedMs < GONE_MS; waitedMs += 500) {
    const { count } = await connection.query({
      text: "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND application_name = $1 LIMIT 1",
      values: [applicationName],
    });
    if (count === 0) return;
    await clock.sleep(500);
  }
}

interface Moving {
  copied: number;
  bytes: number;
  damaged: readonly Uuid[];
}

/** Under a name of its own, to be told from the processes that serve. */
function openOwn(database: ServerDatabase, log: Log): Promise<Database> {
  return Database.open({ ...database, poolSize: AT_ONCE, applicationName: `${database.applicationName}-move` }, log);
}

/** Everything that is not there yet, once through. */
async function copyAll(
  database: Database,
  parts: CopyParts,
  moving: Moving,
  { signal, onProgress }: MoveStorageOptions,
): Promise<void> {
  for (let after: Uuid | undefined; ; ) {
    const page = await objectsToMove(database, after, PAGE);
    await mapAtMost(
      AT_ONCE,
      page,
      async (uuid, stop) => {
        const copied = await copyOne(database, parts, uuid, stop);
        if (copied === undefined) moving.damaged = [...moving.damaged, uuid];
        else {
          moving.copied++;
          moving.bytes += copied;
        }
        onProgress?.(moving);
      },
      signal,
    );
    after = page.at(-1);
    if (page.length < PAGE) return;
  }
}

/** Undefined when the object is damaged or missing. */
async function copyOne(
  database: Database,
  parts: CopyParts,
  uuid: Uuid,
  signal: AbortSignal,
): Promise<number | undefined> {
  const object = await findByUuid(database, uuid);
  if (object === undefined || object.payload !== null) return 0;
  try {
    const copied = await copyObject(parts, object, signal);
    await noteMoved(database, uuid, object.repairVersion);
    return copied;
  } catch (error) {
    if (!hasCode(error, "object.corrupt") && !isMissing(error)) throw error;
    parts.log("warn", "an object cannot be moved", { object: uuid, reason: reasonOf(error) });
    return undefined;
  }
}

function isMissing(error: unknown): boolean {
  return hasCode(error, "store.storage") && error.facts.missing === true;
}
