import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { isP8eError } from "@p8e/core";
import type { TestDatabase } from "@p8e/testkit";
import pg from "pg";
import { Database } from "../src/postgres/database.ts";
import { type MigrateOptions, migrate, ownMigrations } from "../src/postgres/schema/migrate.ts";
import { referenceMigrations } from "../src/postgres/schema/reference-migrations.ts";
import { schemaLockKey } from "../src/postgres/schema/schema-lock.ts";
import { systemRandom } from "../src/random.ts";
import { systemStoreClock } from "../src/store-clock.ts";
import { TestGround } from "./support/harness.ts";
import { serverDatabase } from "./support/server-database.ts";

const ground = new TestGround();
const ownCount = ownMigrations().length;

async function open(): Promise<{ settings: TestDatabase; client: pg.Client } & AsyncDisposable> {
  const settings = await ground.createSeparateDatabase();
  const client = new pg.Client({
    host: settings.host,
    port: settings.port,
    user: settings.user,
    password: settings.password,
    database: settings.name,
  });
  await client.connect();
  return { settings, client, [Symbol.asyncDispose]: () => client.end() };
}

async function run(settings: TestDatabase, options: Partial<MigrateOptions> = {}) {
  await using database = await Database.open(serverDatabase(settings));
  await using connection = await database.dedicated("test");
  return await migrate(connection, {
    databaseName: settings.name,
    schema: settings.schema,
    clock: systemStoreClock,
    random: systemRandom,
    ...options,
  });
}

async function refusal(settings: TestDatabase): Promise<string> {
  try {
    await run(settings);
  } catch (error) {
    if (!isP8eError(error)) throw error;
    assert.equal(error.code, "store.schema");
    return error.message;
  }
  return "opened";
}

async function rows(client: pg.Client, text: string): Promise<Record<string, unknown>[]> {
  return (await client.query(text)).rows as Record<string, unknown>[];
}

/** Takes a fresh database of ours back to what the reference's 0.7.x leaves. */
async function make0_7(client: pg.Client): Promise<void> {
  await client.query("DELETE FROM _sqlx_migrations WHERE version > 20260000000000");
  for (const index of [
    "object_metadata_idx",
    "object_public_key_public_key_idx",
    "object_replication_status_idx",
    "object_replication_replicated_at_idx",
  ]) {
    await client.query(`DROP INDEX ${index}`);
  }
  await client.query(
    "DROP TABLE p8e_migration, p8e_store, p8e_object_integrity, p8e_replication_queue, p8e_replication_peer, p8e_moved_object, p8e_object_damage, p8e_scrub; DROP INDEX p8e_mailbox_open_idx",
  );
}

describe("the schema", () => {
  it("of a fresh database is the reference's, column for column and index for index", async () => {
    await using database = await open();
    assert.deepEqual(await run(database.settings), { referenceCount: 17, ownVersion: ownCount });
    const columns = await rows(
      database.client,
      `SELECT table_name || '.' || column_name || ' ' || udt_name || CASE is_nullable WHEN 'YES' THEN ' null' ELSE '' END
         || coalesce(' default ' || column_default, '') AS line
       FROM information_schema.columns WHERE table_schema = 'public' AND table_name NOT LIKE 'p8e_%'
       ORDER BY table_name, ordinal_position`,
    );
    assert.deepEqual(
      columns.map(({ line }) => line),
      referenceColumns,
    );
    const indexes = await rows(
      database.client,
      `SELECT indexdef AS line FROM pg_indexes WHERE schemaname = 'public' AND tablename NOT LIKE 'p8e_%'
         AND indexname NOT LIKE 'p8e_%' ORDER BY indexname`,
    );
    assert.deepEqual(
      indexes.map(({ line }) => String(line).replace("USING btree ", "").replaceAll("public.", "")),
      referenceIndexes,
    );
    const constraints = await rows(
      database.client,
      `SELECT conrelid::regclass || ' ' || conname || ' ' || pg_get_constraintdef(oid) AS line FROM pg_constraint
       WHERE contype = 'f' ORDER BY 1`,
    );
    assert.deepEqual(
      constraints.map(({ line }) => line),
      [
        "mailbox_public_key fk_object_uuid_opk FOREIGN KEY (object_uuid) REFERENCES object(uuid)",
        "object_public_key fk_object_uuid_opk FOREIGN KEY (object_uuid) REFERENCES object(uuid)",
      ],
    );
  });

  it("is recorded with the reference's seventeen rows, so that its server opens the database", async () => {
    await using database = await open();
    await run(database.settings);
    const recorded = await rows(
      database.client,
      "SELECT version::text, description, success, encode(checksum, 'hex') AS checksum FROM _sqlx_migrations ORDER BY version",
    );
    assert.deepEqual(
      recorded,
      referenceMigrations.map((migration) => ({ ...migration, success: true })),
    );
    assert.equal(recorded.length, 17);
  });

  it("is migrated once, however many processes start together", async () => {
    await using database = await open();
    const outcomes = await Promise.all([run(database.settings), run(database.settings), run(database.settings)]);
    for (const outcome of outcomes) assert.deepEqual(outcome, { referenceCount: 17, ownVersion: ownCount });
    assert.equal((await rows(database.client, "SELECT FROM p8e_store")).length, 1);
  });

  it("may live in a schema of another name", async () => {
    await using database = await open();
    await database.client.query('CREATE SCHEMA "Party ""A"""');
    const settings = { ...database.settings, schema: 'Party "A"' };
    await run(settings);
    const tables = await rows(database.client, "SELECT FROM pg_tables WHERE schemaname = 'Party \"A\"'");
    assert.equal(tables.length, 6 + 8);
    assert.equal((await rows(database.client, "SELECT FROM pg_tables WHERE schemaname = 'public'")).length, 0);
  });

  it("must exist", async () => {
    await using database = await open();
    assert.equal(
      await refusal({ ...database.settings, schema: "nowhere" }),
      "the schema named by DB_SCHEMA does not exist",
    );
  });

  it("of release 0.7.x stays at its thirteen rows, with ours beside it", async () => {
    await using database = await open();
    await run(database.settings);
    await make0_7(database.client);
    assert.deepEqual(await run(database.settings), { referenceCount: 13, ownVersion: ownCount });
    assert.equal((await rows(database.client, "SELECT FROM _sqlx_migrations")).length, 13);
    const indexes = await rows(database.client, "SELECT FROM pg_indexes WHERE indexname = 'object_metadata_idx'");
    assert.equal(indexes.length, 0);
  });

  it("of release 0.7.x goes to 1.0 when that is asked for", async () => {
    await using database = await open();
    await run(database.settings);
    await make0_7(database.client);
    assert.deepEqual(await run(database.settings, { to1_0: true }), { referenceCount: 17, ownVersion: ownCount });
    const invalid = await rows(database.client, "SELECT FROM pg_index WHERE NOT indisvalid");
    assert.equal(invalid.length, 0);
  });

  it("that a reference server stopped migrating between 0.7.x and 1.0 is finished, its index not built twice", async () => {
    await using database = await open();
    await run(database.settings);
    await database.client.query("DELETE FROM _sqlx_migrations WHERE version >= 20260108111603");
    assert.equal((await run(database.settings)).referenceCount, 17);
    assert.equal((await rows(database.client, "SELECT FROM _sqlx_migrations")).length, 17);
  });

  it("gets an invalid index rebuilt", async () => {
    await using database = await open();
    await run(database.settings);
    const superuser = await ground.superuser(database.settings.name);
    await superuser.query(
      "UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'object_replication_status_idx'::regclass",
    );
    await superuser.end();
    await run(database.settings);
    const [row] = await rows(
      database.client,
      "SELECT indisvalid FROM pg_index WHERE indexrelid = 'object_replication_status_idx'::regclass",
    );
    assert.equal(row?.indisvalid, true);
  });

  for (const [title, change, message] of [
    [
      "from a newer server",
      "INSERT INTO _sqlx_migrations VALUES (20300101000000, 'x', now(), true, '\\x00', 0)",
      "the database was migrated by a server that is newer than this one knows",
    ],
    [
      "with a changed migration",
      "UPDATE _sqlx_migrations SET checksum = '\\x00' WHERE version = 20210322152449",
      "a migration of the database is not the one that is known by its number",
    ],
    [
      "with a migration that stopped half-way",
      "UPDATE _sqlx_migrations SET success = false WHERE version = 20260108111604",
      "a migration by the reference server stopped half-way",
    ],
    [
      "with a gap",
      "DELETE FROM _sqlx_migrations WHERE version = 20210322152449",
      "the database lacks a migration that comes before others it has",
    ],
    [
      "older than 0.7",
      "DELETE FROM _sqlx_migrations WHERE version > 20210607153304",
      "the database is older than release 0.7 of the reference server",
    ],
    [
      "without a record of its migrations",
      "DROP TABLE _sqlx_migrations",
      "the schema has a table of the store's but no record of its migrations",
    ],
    [
      "migrated by a newer release of ours",
      "INSERT INTO p8e_migration (version, name, checksum) VALUES (9999, 'x', 'x')",
      "migration 9999 of the database is newer than this release",
    ],
    [
      "with a changed migration of ours",
      "UPDATE p8e_migration SET checksum = 'x' WHERE version = 2",
      "migration 2 of the database was changed after its release",
    ],
  ] as const) {
    it(`is refused ${title}`, async () => {
      await using database = await open();
      await run(database.settings);
      await database.client.query(change);
      assert.equal(await refusal(database.settings), message);
    });
  }

  it("is locked under the number that the reference derives from the database's name", () => {
    assert.equal(schemaLockKey("object-store"), 1061441021286886818n);
  });
});

const referenceColumns = [
  "_sqlx_migrations.version int8",
  "_sqlx_migrations.description text",
  "_sqlx_migrations.installed_on timestamptz default now()",
  "_sqlx_migrations.success bool",
  "_sqlx_migrations.checksum bytea",
  "_sqlx_migrations.execution_time int8",
  "mailbox_public_key.uuid uuid",
  "mailbox_public_key.object_uuid uuid",
  "mailbox_public_key.public_key text",
  "mailbox_public_key.message_type text",
  "mailbox_public_key.created_at timestamptz default now()",
  "mailbox_public_key.acked_at timestamptz null",
  "object.uuid uuid",
  "object.hash text",
  "object.unique_hash text",
  "object.content_length int8",
  "object.dime_length int8",
  "object.directory text default to_char((CURRENT_DATE)::timestamp with time zone, 'YYYYMMDD'::text)",
  "object.name text",
  "object.payload bytea null",
  "object.created_at timestamptz default now()",
  "object.dime_uuid uuid",
  "object.properties text null",
  "object_public_key.object_uuid uuid",
  "object_public_key.hash text",
  "object_public_key.public_key text",
  "object_public_key.created_at timestamptz default now()",
  "object_replication.uuid uuid",
  "object_replication.object_uuid uuid",
  "object_replication.public_key text",
  "object_replication.created_at timestamptz default now()",
  "object_replication.replicated_at timestamptz null",
  "public_key.uuid uuid",
  "public_key.public_key text",
  "public_key.public_key_type key_type",
  "public_key.url text",
  "public_key.metadata bytea null",
  "public_key.created_at timestamptz default now()",
  "public_key.updated_at timestamptz default now()",
  "public_key.auth_type auth_type null",
  "public_key.auth_data text null",
];

const referenceIndexes = [
  "CREATE UNIQUE INDEX _sqlx_migrations_pkey ON _sqlx_migrations (version)",
  "CREATE UNIQUE INDEX mailbox_public_key_pkey ON mailbox_public_key (object_uuid, public_key, message_type)",
  "CREATE INDEX mailbox_public_key_sorted_idx ON mailbox_public_key (public_key) WHERE (acked_at IS NULL)",
  "CREATE INDEX mailbox_public_key_uuid_idx ON mailbox_public_key (uuid)",
  "CREATE INDEX object_metadata_idx ON object (created_at, content_length) WHERE (directory <> 'NOT_STORAGE_BACKED'::text)",
  "CREATE UNIQUE INDEX object_pkey ON object (uuid)",
  "CREATE INDEX object_public_key_hash_idx ON object_public_key (hash)",
  "CREATE UNIQUE INDEX object_public_key_pkey ON object_public_key (object_uuid, public_key)",
  "CREATE INDEX object_public_key_public_key_idx ON object_public_key (public_key)",
  "CREATE UNIQUE INDEX object_replication_pkey ON object_replication (object_uuid, public_key)",
  "CREATE INDEX object_replication_public_key_sorted_idx ON object_replication (public_key) WHERE (replicated_at IS NULL)",
  "CREATE INDEX object_replication_replicated_at_idx ON object_replication (replicated_at) WHERE (replicated_at IS NOT NULL)",
  "CREATE INDEX object_replication_status_idx ON object_replication (object_uuid, public_key, replicated_at)",
  "CREATE INDEX object_replication_uuid_idx ON object_replication (uuid)",
  "CREATE UNIQUE INDEX object_unique_hash_idx ON object (md5(unique_hash))",
  "CREATE UNIQUE INDEX public_key_key_unq_idx ON public_key (public_key)",
  "CREATE UNIQUE INDEX public_key_pkey ON public_key (uuid)",
];
