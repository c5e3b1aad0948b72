import { P8eError, type RandomBytes, throwIfCancelled } from "@p8e/core";
import type { ServerDatabase } from "../configuration.ts";
import { DAY, UUID_TEXT } from "../domain/backed-up-object.ts";
import { type BackupManifest, backupTables } from "../domain/backup-manifest.ts";
import type { Log } from "../log.ts";
import type { DedicatedConnection, Queryable } from "../postgres/database.ts";
import { migrate, ownMigrations } from "../postgres/schema/migrate.ts";
import { referenceMigrations } from "../postgres/schema/reference-migrations.ts";
import type { StoreClock } from "../store-clock.ts";
import { backupColumns, columnList } from "./backup-columns.ts";
import type { BackupFolder } from "./backup-folder.ts";

/** What rows are loaded with. */
export interface LoadParts {
  readonly connection: DedicatedConnection;
  readonly configuration: ServerDatabase;
  readonly folder: BackupFolder;
  readonly manifest: BackupManifest;
  readonly clock: StoreClock;
  readonly random: RandomBytes;
  readonly log: Log;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Makes the tables that a backup's rows fit in, as its store had them, or finds them made.
 * @throws `store.schema` for the backup of a newer release
 */
export async function makeTables({ manifest, connection, configuration, ...parts }: LoadParts): Promise<void> {
  const { reference, own } = manifest.schema;
  if (reference > referenceMigrations.length || own > (ownMigrations().at(-1)?.version ?? 0)) {
    throw new P8eError("store.schema", "the backup was taken by a newer release", {
      facts: { version: own },
      hint: "restore it with that release, or a newer one",
    });
  }
  await migrate(connection, { ...schemaOf(configuration), ...parts, ownVersionMax: own });
}

/** Brings tables with their rows to what this release needs. */
export async function finishTables({ connection, configuration, ...parts }: LoadParts): Promise<void> {
  await migrate(connection, { ...schemaOf(configuration), ...parts });
}

function schemaOf({ name, schema }: ServerDatabase) {
  return { databaseName: name, schema };
}

/**
 * Puts a backup's rows into the store's empty tables, all in one transaction, and notes the objects that it lacks.
 * @param options `rowsMayLack` for who looks what is lost: rows then need not refer to rows that are there
 * @throws `backup.incomplete` when the rows are not those that were written
 */
export async function loadRows(parts: LoadParts, options: { readonly rowsMayLack: boolean }): Promise<void> {
  const { connection, manifest } = parts;
  requireAllTables(manifest);
  await connection.query({ text: "BEGIN" });
  try {
    await connection.query({ text: `TRUNCATE ${backupTables.join(", ")}` });
    if (options.rowsMayLack) await dropReferences(connection);
    await connection.query({
      text: "SET LOCAL client_encoding = 'UTF8'; SET LOCAL datestyle = 'ISO'; SET LOCAL timezone = 'UTC'",
    });
    for (const table of manifest.tables) await loadTable(parts, table, options.rowsMayLack);
    await requireIdentity(connection, manifest);
    if (!options.rowsMayLack) await requirePlaces(connection);
    await connection.query({ text: "UPDATE p8e_store SET storage = NULL, moving_to = NULL" });
    await connection.query({
      text: `SELECT setval(pg_get_serial_sequence('p8e_replication_queue', 'sequence'), max(sequence))
             FROM p8e_replication_queue HAVING max(sequence) IS NOT NULL`,
    });
    await noteLacking(connection, manifest);
    await connection.query({ text: "COMMIT" });
  } catch (error) {
    await connection.query({ text: "ROLLBACK" }).catch(() => {}); // a connection that broke has rolled back
    throw error;
  }
}

function requireAllTables({ tables }: BackupManifest): void {
  if (tables.length === backupTables.length && tables.every(({ name }, at) => name === backupTables[at])) return;
  throw new P8eError("backup.incomplete", "the manifest does not name each table once, in their order");
}

async function dropReferences(connection: Queryable): Promise<void> {
  for (const table of ["object_public_key", "mailbox_public_key"]) {
    await connection.query({ text: `ALTER TABLE ${table} DROP CONSTRAINT IF EXISTS fk_object_uuid_opk` });
  }
}

async function loadTable(
  { connection, folder, manifest, signal }: LoadParts,
  { name, columns, rows }: BackupManifest["tables"][number],
  rowsMayLack: boolean,
): Promise<void> {
  const known = await backupColumns(connection, name);
  if (!columns.every((column) => known.includes(column))) {
    throw new P8eError("backup.incomplete", `the backup's table ${name} has a column that is not known`);
  }
  const pieces = async function* () {
    for await (const piece of folder.readRows(manifest.files, name)) {
      throwIfCancelled(signal);
      yield piece;
    }
  };
  const loaded = await connection
    .copyIn(`COPY ${name} (${columnList(columns)}) FROM STDIN`, pieces())
    .catch((error: unknown) => {
      const thrown = P8eError.from(error);
      if (thrown.code !== "store.database") throw thrown;
      throw new P8eError("backup.incomplete", `the backup's table ${name} has rows that the database refuses`, {
        cause: thrown,
      });
    });
  if (loaded !== rows && !rowsMayLack) {
    throw new P8eError("backup.incomplete", `the backup's table ${name} has ${loaded} rows instead of ${rows}`);
  }
}

async function requireIdentity(connection: Queryable, { store }: BackupManifest): Promise<void> {
  const { rows } = await connection.query<{ identity: string }>({ text: "SELECT identity FROM p8e_store" });
  if (rows[0]?.identity === store) return;
  throw new P8eError("backup.incomplete", "the backup's tables are those of another store than its manifest says");
}

/** Directory and name of an object in the storage become parts of a path, whoever wrote the rows. */
async function requirePlaces(connection: Queryable): Promise<void> {
  const { rows } = await connection.query<{ object: string }>({
    text: `SELECT uuid AS object FROM object
           WHERE payload IS NULL AND NOT (directory ~ $1 AND name ~ $2) ORDER BY uuid LIMIT 20`,
    values: [DAY.source, UUID_TEXT.source],
  });
  if (rows.length === 0) return;
  throw new P8eError(
    "backup.incomplete",
    "the backup's table object has rows that no store wrote: of bytes in no day's folder",
    {
      facts: { objects: rows.map(({ object }) => object) },
      hint: "take the folder from where it was copied to; p8e drill tells what else is wrong with it",
    },
  );
}

async function noteLacking(connection: Queryable, { lacking }: BackupManifest): Promise<void> {
  for (const { object, kind, reason } of lacking) {
    await connection.query({
      name: "p8e-restore-lacking",
      text: `INSERT INTO p8e_object_damage (object_uuid, kind, reason) VALUES ($1, $2, $3)
             ON CONFLICT (object_uuid) DO NOTHING`,
      values: [object, kind, reason],
    });
  }
}
