import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { P8eError, type RandomBytes, randomUuid } from "@p8e/core";
import { type Log, silentLog } from "../../log.ts";
import type { StoreClock } from "../../store-clock.ts";
import { type Queryable, quoteIdentifier } from "../database.ts";
import {
  concurrentIndexes,
  REFERENCE_0_7_COUNT,
  type ReferenceMigration,
  referenceMigrations,
} from "./reference-migrations.ts";
import { withSchemaLock } from "./schema-lock.ts";

/** What is to be brought to which schema. */
export interface MigrateOptions {
  /** The database's name, which the lock is derived from. */
  readonly databaseName: string;
  readonly schema: string;
  /** Bring a database of the reference's 0.7.x to its 1.0: from then on 0.7.x refuses to open it. */
  readonly to1_0?: boolean;
  /** The last of our own migrations that is applied, for rows of a store that had no more; all are otherwise. */
  readonly ownVersionMax?: number;
  readonly clock: StoreClock;
  /** For the store's identity, which is given once. */
  readonly random: RandomBytes;
  readonly log?: Log;
  readonly signal?: AbortSignal | undefined;
}

/** Which migrations a database has. */
export interface SchemaState {
  /** How many of the reference's migrations the database has: 13 (0.7.x) or 17 (1.0). */
  readonly referenceCount: number;
  /** The number of our own last migration. */
  readonly ownVersion: number;
}

/**
 * Brings a database to the schema that this release needs. An empty schema gets the reference's tables and bookkeeping;
 * what the reference made is kept as it is; all of ours goes into tables named p8e_*.
 * `connection` must be one connection, not a pool.
 * @throws `store.schema` for a database that this release cannot open, and why
 */
export async function migrate(connection: Queryable, options: MigrateOptions): Promise<SchemaState> {
  return withSchemaLock(connection, options, async () => {
    await requireSchema(connection, options.schema);
    const log = options.log ?? silentLog;
    let applied = await referenceRows(connection, options.schema);
    if (applied.length === 0) {
      await createFresh(connection, options.schema);
      log("info", "created the store's tables", { schema: options.schema });
      applied = await referenceRows(connection, options.schema);
    }
    let referenceCount = checkReference(applied);
    const wanted =
      referenceCount > REFERENCE_0_7_COUNT || options.to1_0 ? referenceMigrations.length : REFERENCE_0_7_COUNT;
    await repairConcurrentIndexes(connection, options.schema, referenceCount, log);
    while (referenceCount < wanted) {
      await applyConcurrent(connection, options.schema, referenceMigrations[referenceCount]!);
      referenceCount++;
    }
    const ownVersion = await applyOwn(connection, options, log);
    await connection.query({
      text: "INSERT INTO p8e_store (identity) VALUES ($1) ON CONFLICT DO NOTHING",
      values: [randomUuid(options.random)],
    });
    return { referenceCount, ownVersion };
  });
}

async function requireSchema(connection: Queryable, schema: string): Promise<void> {
  const { count } = await connection.query({ text: "SELECT 1 FROM pg_namespace WHERE nspname = $1", values: [schema] });
  if (count === 0) {
    throw new P8eError("store.schema", "the schema named by DB_SCHEMA does not exist", {
      facts: { schema },
      hint: `create it: CREATE SCHEMA ${quoteIdentifier(schema)}`,
    });
  }
}

interface AppliedMigration {
  readonly version: string;
  readonly success: boolean;
  readonly checksum: string;
}

async function tableExists(connection: Queryable, schema: string, table: string): Promise<boolean> {
  const { rows } = await connection.query<{ found: boolean }>({
    text: "SELECT to_regclass($1) IS NOT NULL AS found",
    values: [`${quoteIdentifier(schema)}.${quoteIdentifier(table)}`],
  });
  return rows[0]?.found === true;
}

async function referenceRows(connection: Queryable, schema: string): Promise<readonly AppliedMigration[]> {
  if (!(await tableExists(connection, schema, "_sqlx_migrations"))) return [];
  const { rows } = await connection.query<AppliedMigration>({
    text: `SELECT version::text AS version, success, encode(checksum, 'hex') AS checksum
           FROM _sqlx_migrations ORDER BY _sqlx_migrations.version`,
  });
  return rows;
}

/** The number of the reference's migrations that are there: they must be the first ones, whole and unchanged. */
function checkReference(applied: readonly AppliedMigration[]): number {
  applied.forEach((found, index) => {
    const expected = referenceMigrations[index];
    const facts = { version: found.version };
    if (!referenceMigrations.some((known) => known.version === found.version)) {
      throw new P8eError("store.schema", "the database was migrated by a server that is newer than this one knows", {
        facts,
        hint: "use a newer release of this store",
      });
    }
    if (!found.success) {
      throw new P8eError("store.schema", "a migration by the reference server stopped half-way", {
        facts,
        hint: "finish or undo it with the server that began it",
      });
    }
    if (expected?.version !== found.version) {
      throw new P8eError("store.schema", "the database lacks a migration that comes before others it has", { facts });
    }
    if (expected.checksum !== found.checksum) {
      throw new P8eError("store.schema", "a migration of the database is not the one that is known by its number", {
        facts,
      });
    }
  });
  if (applied.length < REFERENCE_0_7_COUNT) {
    throw new P8eError("store.schema", "the database is older than release 0.7 of the reference server", {
      facts: { migrations: applied.length },
      hint: "open it once with release 0.7.1 of the reference server, then again with this one",
    });
  }
  return applied.length;
}

async function createFresh(connection: Queryable, schema: string): Promise<void> {
  for (const table of ["object", "public_key", "object_public_key", "mailbox_public_key", "object_replication"]) {
    if (await tableExists(connection, schema, table)) {
      throw new P8eError("store.schema", "the schema has a table of the store's but no record of its migrations", {
        facts: { schema, table },
        hint: "name an empty schema in DB_SCHEMA, or restore _sqlx_migrations",
      });
    }
  }
  await inTransaction(connection, async () => {
    await connection.query({
      text: `CREATE TABLE IF NOT EXISTS _sqlx_migrations (
        version bigint PRIMARY KEY,
        description text NOT NULL,
        installed_on timestamptz NOT NULL DEFAULT now(),
        success boolean NOT NULL,
        checksum bytea NOT NULL,
        execution_time bigint NOT NULL
      )`,
    });
    await connection.query({ text: readSql("reference-schema.sql") });
    for (const migration of referenceMigrations) await recordReference(connection, migration);
  });
}

async function recordReference(connection: Queryable, migration: ReferenceMigration): Promise<void> {
  await connection.query({
    text: `INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time)
           VALUES ($1, $2, true, decode($3, 'hex'), 0)`,
    values: [migration.version, migration.description, migration.checksum],
  });
}

/** Migrations 14 to 17 each build one index, concurrently; one that exists and is valid counts as done. */
async function applyConcurrent(connection: Queryable, schema: string, migration: ReferenceMigration): Promise<void> {
  const index = concurrentIndexes[migration.version]!;
  await ensureIndex(connection, schema, index.name, `CREATE INDEX CONCURRENTLY ${index.name} ON ${index.definition}`);
  await recordReference(connection, migration);
}

/** Two reference servers that started together can leave an index that is recorded but not valid. */
async function repairConcurrentIndexes(connection: Queryable, schema: string, count: number, log: Log) {
  for (const migration of referenceMigrations.slice(REFERENCE_0_7_COUNT, count)) {
    const index = concurrentIndexes[migration.version]!;
    const statement = `CREATE INDEX CONCURRENTLY ${index.name} ON ${index.definition}`;
    const built = await ensureIndex(connection, schema, index.name, statement);
    if (built) log("warn", "rebuilt an index that was missing or invalid", { index: index.name });
  }
}

async function ensureIndex(connection: Queryable, schema: string, name: string, statement: string): Promise<boolean> {
  const { rows } = await connection.query<{ valid: boolean }>({
    text: `SELECT i.indisvalid AS valid FROM pg_index i
           JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_namespace n ON n.oid = c.relnamespace
           WHERE c.relname = $1 AND n.nspname = $2`,
    values: [name, schema],
  });
  if (rows[0]?.valid) return false;
  if (rows.length > 0) await connection.query({ text: `DROP INDEX CONCURRENTLY ${quoteIdentifier(name)}` });
  await connection.query({ text: statement });
  return true;
}

interface OwnMigration {
  readonly version: number;
  readonly name: string;
  readonly sql: string;
  readonly checksum: string;
}

/** Ours, in their order, from the files beside this one. */
export function ownMigrations(): readonly OwnMigration[] {
  const names = readdirSync(new URL("./own/", import.meta.url)).filter((name) => name.endsWith(".sql"));
  return names.sort().map((name) => {
    const sql = readSql(`own/${name}`);
    return {
      version: Number(name.slice(0, 4)),
      name: name.slice(5, -4),
      sql,
      checksum: createHash("sha256").update(sql).digest("hex"),
    };
  });
}

async function applyOwn(
  connection: Queryable,
  { schema, ownVersionMax = Number.POSITIVE_INFINITY }: MigrateOptions,
  log: Log,
): Promise<number> {
  await connection.query({
    text: `CREATE TABLE IF NOT EXISTS p8e_migration (
      version integer PRIMARY KEY,
      name text NOT NULL,
      checksum text NOT NULL,
      applied_at timestamptz NOT NULL DEFAULT now()
    )`,
  });
  const { rows } = await connection.query<{ version: number; checksum: string }>({
    text: "SELECT version, checksum FROM p8e_migration ORDER BY version",
  });
  const known = ownMigrations();
  for (const found of rows) {
    const expected = known.find((migration) => migration.version === found.version);
    if (!expected || expected.checksum !== found.checksum) {
      const problem = expected ? "was changed after its release" : "is newer than this release";
      throw new P8eError("store.schema", `migration ${found.version} of the database ${problem}`, {
        facts: { version: found.version },
      });
    }
  }
  const wanted = known.filter(({ version }) => version <= ownVersionMax);
  for (const migration of wanted.filter(({ version }) => !rows.some((row) => row.version === version))) {
    await applyOne(connection, schema, migration);
    log("info", "migrated the database", { version: migration.version, name: migration.name });
  }
  return wanted.at(-1)?.version ?? 0;
}

async function applyOne(connection: Queryable, schema: string, migration: OwnMigration): Promise<void> {
  const record = {
    text: "INSERT INTO p8e_migration (version, name, checksum) VALUES ($1, $2, $3)",
    values: [migration.version, migration.name, migration.checksum],
  };
  if (migration.sql.startsWith("-- no transaction")) {
    // One index each: built while the store's other processes go on, and again if an earlier try was cut off.
    const name = /CREATE INDEX CONCURRENTLY (\w+)/.exec(migration.sql)![1]!;
    await ensureIndex(connection, schema, name, migration.sql);
    await connection.query(record);
    return;
  }
  await inTransaction(connection, async () => {
    await connection.query({ text: migration.sql });
    await connection.query(record);
  });
}

async function inTransaction(connection: Queryable, body: () => Promise<void>): Promise<void> {
  await connection.query({ text: "BEGIN" });
  try {
    await body();
    await connection.query({ text: "COMMIT" });
  } catch (error) {
    await connection.query({ text: "ROLLBACK" }).catch(() => {});
    throw error;
  }
}

function readSql(name: string): string {
  return readFileSync(new URL(`./${name}`, import.meta.url), "utf8");
}
