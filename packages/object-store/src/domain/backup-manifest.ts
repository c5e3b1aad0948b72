import { parseUuid, shape, type ValueOf } from "@p8e/core";

/** The version of a backup's format: docs/protocol/backup.md. */
export const BACKUP_FORMAT = 1;
/** Of a manifest, and of the file that says whose a folder is. */
export const MANIFEST_BYTES_MAX = 8 * 1024 * 1024;
/** Objects that a manifest names as lacking; the store of which more are damaged is no store to be backed up. */
export const LACKING_MAX = 10_000;

/**
 * The tables that a backup has, in the order in which they are restored: what others refer to comes first. Of the store's
 * other tables one is made by the migrations, and the others tell of the storage that the objects lay in.
 */
export const backupTables = [
  "_sqlx_migrations",
  "public_key",
  "object",
  "object_public_key",
  "mailbox_public_key",
  "object_replication",
  "p8e_store",
  "p8e_object_integrity",
  "p8e_replication_queue",
  "p8e_replication_peer",
] as const;

/** A table that a backup has. */
export type BackupTable = (typeof backupTables)[number];

/** Tables of a store that a backup leaves out. */
export const leftOutTables = ["p8e_migration", "p8e_moved_object", "p8e_object_damage", "p8e_scrub"] as const;

const count = shape.whole(0, Number.MAX_SAFE_INTEGER);
const sha256 = shape.text({ says: "a SHA-256 in hex", form: /^[0-9a-f]{64}$/ });
const uuid = shape.parsed("a uuid", parseUuid);
const file = { rows: count, bytes: count, sha256 };

/** `folder.json`: whose backups the folder has. */
export const backupFolderShape = shape.object({ format: shape.only(BACKUP_FORMAT), store: uuid });

/** `manifest.json`: what the folder's backup consists of. It is written last. */
export const backupManifestShape = shape.object({
  format: shape.only(BACKUP_FORMAT),
  /** The store's own id. */
  store: uuid,
  /** The time of the snapshot, by the database's clock: what was stored later is not in it. */
  takenAt: shape.text({ says: "a time as 2026-01-31T12:00:00.000Z", form: /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/ }),
  /** How many of the reference's migrations the database had, and the last of ours. */
  schema: shape.object({ reference: shape.whole(1, 1000), own: shape.whole(1, 10_000) }),
  /** The folder under `tables` with the files of this backup. */
  files: uuid,
  tables: shape.list(
    shape.object({
      name: shape.oneOf(backupTables),
      columns: shape.list(shape.text({ says: "a column's name", form: /^[a-z][a-z0-9_]{0,62}$/ }), 100),
      ...file,
    }),
    backupTables.length,
  ),
  /** The list of all objects. */
  objects: shape.object({
    ...file,
    inStorage: count,
    storageBytes: count,
  }),
  /** Objects that were missing or damaged in the store. */
  lacking: shape.list(
    shape.object({ object: uuid, kind: shape.oneOf(["missing", "damaged"]), reason: shape.text() }),
    LACKING_MAX,
  ),
  /** Objects without checksums whose bytes have another length than their row says: the original server left such behind. */
  otherLengths: shape.optional(shape.list(shape.object({ object: uuid, length: count }), LACKING_MAX)),
});

/** What a backup says of itself. */
export type BackupManifest = ValueOf<typeof backupManifestShape>;

/** What is written down of a file of rows. */
export type BackupRows = Pick<BackupManifest["objects"], "rows" | "bytes" | "sha256">;
