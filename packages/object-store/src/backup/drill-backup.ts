import { equalBytes, mapAtMost, type RandomBytes, throwIfCancelled, type Uuid } from "@p8e/core";
import type { ServerDatabase } from "../configuration.ts";
import type { BackedUpObject } from "../domain/backed-up-object.ts";
import type { BackupManifest } from "../domain/backup-manifest.ts";
import type { Damage } from "../domain/damage.ts";
import type { BlobPlace, Integrity } from "../domain/stored-bytes.ts";
import { type Log, silentLog } from "../log.ts";
import { Database, type Queryable } from "../postgres/database.ts";
import { findByUuid } from "../postgres/object-rows.ts";
import { systemRandom } from "../random.ts";
import { damageIn } from "../scrub/check-object.ts";
import { systemStoreClock } from "../store-clock.ts";
import { BackupFolder, OBJECTS_FILE } from "./backup-folder.ts";
import { finishTables, type LoadParts, loadRows, makeTables } from "./load-rows.ts";
import { pagesOf } from "./pages-of.ts";

/** Which backup is tried, and where. */
export interface DrillBackupOptions {
  readonly folder: string;
  /** Empty, and of no use afterwards but for looking at what was restored. */
  readonly database: ServerDatabase;
  /** Called after each object. */
  readonly onProgress?: ((progress: DrillProgress) => void) | undefined;
  readonly log?: Log;
  readonly random?: RandomBytes;
  readonly signal?: AbortSignal | undefined;
}

/** How far a drill is. */
export interface DrillProgress {
  readonly objects: number;
  readonly bytes: number;
  /** Those of the objects whose length alone could be compared: the original server stored them, without checksums. */
  readonly withoutChecksum: number;
}

/** Something that a restore of the backup would lack. */
export type BackupGap =
  /** An object's bytes: there are none, or not those that were stored. */
  | {
      readonly kind: "missing" | "damaged";
      readonly object: Uuid;
      readonly hash: string | undefined;
      readonly reason: string;
    }
  /** A row about an object that other rows, or the backup's own list, show was there. */
  | { readonly kind: "row_lost"; readonly object: Uuid; readonly hash: string | undefined; readonly table: string }
  /** An object's row that says something else than the backup's list. */
  | { readonly kind: "row_changed"; readonly object: Uuid; readonly hash: string | undefined; readonly table: string }
  /** A file of rows that is not the one that was written. */
  | { readonly kind: "file_changed"; readonly file: string };

/** What a drill found. */
export interface DrilledBackup extends DrillProgress {
  readonly manifest: BackupManifest;
  /** At most 10,000. */
  readonly gaps: readonly BackupGap[];
  /** Whether there are more than these. */
  readonly moreGaps: boolean;
}

const AT_ONCE = 4;
/** More are of no help to anybody. */
const GAPS_MAX = 10_000;

/**
 * Restores a backup's rows into a database and compares every object with its row; the bytes are read where they lie in the
 * folder. Rows that are lost are found by those that refer to them, and by the list of objects that the backup has beside.
 * @throws `backup.incomplete` when there is no complete backup, or a table that cannot be read as one; `store.schema` for a
 *   newer release's
 */
export async function drillBackup(options: DrillBackupOptions): Promise<DrilledBackup> {
  const { log = silentLog, random = systemRandom, signal } = options;
  const folder = new BackupFolder(options.folder);
  const manifest = await folder.manifest();
  await using stack = new AsyncDisposableStack();
  const configuration = { ...options.database, poolSize: AT_ONCE };
  const database = stack.use(await Database.open(configuration, log));
  const connection = stack.use(await database.dedicated("drill"));
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
  const gaps: BackupGap[] = await changedFiles(folder, manifest);
  await makeTables(parts);
  await loadRows(parts, { rowsMayLack: true });
  await finishTables(parts);
  gaps.push(...(await lostRows(connection)));
  const told = new Set(gaps.flatMap((gap) => (gap.kind === "row_lost" ? [gap.object] : [])));
  const progress = { objects: 0, bytes: 0, withoutChecksum: 0 };
  const lengths = new Map(manifest.otherLengths?.map(({ object, length }) => [object, length]));
  const lacking = new Map(manifest.lacking.map(({ object, ...damage }) => [object, damage]));
  for await (const objects of pagesOf(folder.objects(manifest.files))) {
    const found = await mapAtMost(
      AT_ONCE,
      objects,
      async (object, stop) => {
        const gap = await gapOf({ database, folder, lacking, lengths, progress }, object, stop);
        progress.objects++;
        options.onProgress?.(progress);
        return gap;
      },
      signal,
    );
    // One more than are told says that there are more.
    const room = Math.max(0, GAPS_MAX + 1 - gaps.length);
    const fresh = found.flat().filter((gap) => !(gap.kind === "row_lost" && told.has(gap.object)));
    gaps.push(...fresh.slice(0, room));
  }
  return { ...progress, manifest, gaps: gaps.slice(0, GAPS_MAX), moreGaps: gaps.length > GAPS_MAX };
}

async function changedFiles(folder: BackupFolder, manifest: BackupManifest): Promise<BackupGap[]> {
  const changed: BackupGap[] = [];
  for (const { name, ...written } of [...manifest.tables, { ...manifest.objects, name: OBJECTS_FILE }]) {
    if (!(await folder.isAsWritten(manifest.files, name, written))) changed.push({ kind: "file_changed", file: name });
  }
  return changed;
}

/** Rows of objects that others refer to, or that stand alone where each object has some. */
async function lostRows(connection: Queryable): Promise<readonly BackupGap[]> {
  const referring = [
    "object_public_key",
    "mailbox_public_key",
    "object_replication",
    "p8e_object_integrity",
    "p8e_replication_queue",
  ];
  const orphans = await connection.query<{ object: Uuid; hash: string | null }>({
    text: `SELECT r.object_uuid AS object, max(r.hash) AS hash FROM (
             ${referring
               .map((table) => {
                 const hash = table === "object_public_key" ? "hash" : "NULL::text";
                 return `SELECT object_uuid, ${hash} AS hash FROM ${table}`;
               })
               .join(" UNION ALL ")}
           ) r WHERE NOT EXISTS (SELECT FROM object o WHERE o.uuid = r.object_uuid)
           GROUP BY r.object_uuid ORDER BY r.object_uuid LIMIT ${GAPS_MAX + 1}`,
  });
  const alone = await connection.query<{ object: Uuid; hash: string }>({
    text: `SELECT uuid AS object, hash FROM object o
           WHERE NOT EXISTS (SELECT FROM object_public_key k WHERE k.object_uuid = o.uuid) ORDER BY uuid LIMIT ${GAPS_MAX + 1}`,
  });
  return [
    ...orphans.rows.map(({ object, hash }) => lost("object", object, hash ?? undefined)),
    ...alone.rows.map(({ object, hash }) => lost("object_public_key", object, hash)),
  ];
}

function lost(table: string, object: Uuid, hash: string | undefined): BackupGap {
  return { kind: "row_lost", object, hash, table };
}

interface Looking {
  readonly database: Database;
  readonly folder: BackupFolder;
  readonly lacking: ReadonlyMap<Uuid, { readonly kind: "missing" | "damaged"; readonly reason: string }>;
  /** Of those whose length is another than their row says. */
  readonly lengths: ReadonlyMap<Uuid, number>;
  readonly progress: { objects: number; bytes: number; withoutChecksum: number };
}

async function gapOf(
  { database, folder, lacking, lengths, progress }: Looking,
  listed: BackedUpObject,
  stop: AbortSignal,
): Promise<readonly BackupGap[]> {
  throwIfCancelled(stop);
  const { uuid: object, hash } = listed;
  const row = await findByUuid(database, object);
  const gaps: BackupGap[] = [];
  if (row === undefined) gaps.push(lost("object", object, hash));
  else if (row.hash !== hash || (row.payload === null) !== listed.inStorage || !samePlace(row, listed)) {
    gaps.push({ kind: "row_changed", object, hash, table: "object" });
  } else if (listed.integrity !== undefined && row.integrity === undefined) {
    gaps.push(lost("p8e_object_integrity", object, hash));
  } else if (!sameIntegrity(listed.integrity, row.integrity)) {
    gaps.push({ kind: "row_changed", object, hash, table: "p8e_object_integrity" });
  }
  const lacks = lacking.get(object);
  if (lacks !== undefined) return [...gaps, { ...lacks, object, hash }];
  const payload = listed.inStorage ? null : row?.payload;
  // The bytes of a row that is lost, or has none any more, went with it when they were in it.
  if (payload === undefined || (payload === null && !listed.inStorage)) return gaps;
  const { directory, name, dimeLength, integrity } = listed;
  const stored = { uuid: object, directory, name, dimeLength, integrity, payload };
  const damage =
    (await damageIn(folder.blobs(listed), stored, { spend: async () => {}, signal: stop })) ??
    (await otherLength(listed, { folder, payload, lengths }));
  if (damage !== undefined) return [...gaps, { ...damage, object, hash }];
  progress.bytes += integrity?.length ?? Number(lengths.get(object) ?? dimeLength);
  if (integrity === undefined) progress.withoutChecksum++;
  return gaps;
}

/** Of what has no checksum, its length is all that can be compared. */
async function otherLength(
  listed: BackedUpObject,
  { folder, payload, lengths }: Pick<Looking, "folder" | "lengths"> & { readonly payload: Uint8Array | null },
): Promise<Damage | undefined> {
  if (listed.integrity !== undefined) return undefined;
  const expected = Number(lengths.get(listed.uuid) ?? listed.dimeLength);
  const there = payload === null ? await folder.blobLength(listed) : payload.length;
  if (there === expected) return undefined;
  return { kind: "damaged", reason: `it has ${there} bytes instead of ${expected}` };
}

function samePlace(row: BlobPlace, { inStorage, directory, name }: BackedUpObject): boolean {
  return !inStorage || (row.directory === directory && row.name === name);
}

function sameIntegrity(left: Integrity | undefined, right: Integrity | undefined): boolean {
  if (left === undefined || right === undefined) return left === right;
  return (
    left.length === right.length && left.chunkBytes === right.chunkBytes && equalBytes(left.digests, right.digests)
  );
}
