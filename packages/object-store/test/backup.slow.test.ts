import assert from "node:assert/strict";
import { createHash, randomUUID } from "node:crypto";
import { appendFileSync, cpSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import type { Uuid } from "@p8e/core";
import {
  type BackupGap,
  backUpStore,
  drillBackup,
  parseStorageLocation,
  parseStoreConfiguration,
  restoreStore,
} from "@p8e/object-store";
import {
  eventually,
  newHash,
  newParties,
  optionalBlobServer,
  patternBytes,
  storeEnvironment,
  type TestDatabase,
  type TestParty,
  TestStore,
} from "@p8e/testkit";
import { backupTables, leftOutTables } from "../src/domain/backup-manifest.ts";
import { LocalHarness } from "./support/harness.ts";

const harness = new LocalHarness();
const s3 = await optionalBlobServer("s3", "a backup of a store in S3");

interface Put {
  readonly hash: Uint8Array;
  readonly party: TestParty;
  readonly bytes: Uint8Array;
}

async function putSome(store: TestStore, lengths: readonly number[]): Promise<Put[]> {
  const [party] = newParties(1);
  const puts: Put[] = [];
  for (const length of lengths) {
    const hash = newHash();
    await store.client.put({ audience: [party!], payload: patternBytes(length) }, { hash });
    puts.push({ hash, party: party!, bytes: (await store.client.get(hash, party!)).data });
  }
  return puts;
}

async function requireAll(store: TestStore, puts: readonly Put[]): Promise<void> {
  for (const { hash, party, bytes } of puts) {
    assert.ok(Buffer.from((await store.client.get(hash, party)).data).equals(bytes));
  }
}

const lengths = [6000, 300_000, 2_500_000, 10];

function configurationOf(database: TestDatabase, folder: string) {
  return parseStoreConfiguration({ OS_URL: "127.0.0.1", OS_PORT: "0", ...storeEnvironment(database, folder) }).database;
}

/** A store, with the options of its backup into a new folder. */
async function opened() {
  const store = await TestStore.open(harness);
  const folder = await harness.createFolder();
  const database = configurationOf(store.databaseSettings, store.folder);
  return { store, backup: { database, storage: parseStorageLocation(store.folder), folder } };
}

/** An empty database and an empty folder. */
async function emptyPlace() {
  const settings = await harness.createDatabase();
  const to = await harness.createFolder();
  return { settings, to, database: configurationOf(settings, to), storage: parseStorageLocation(to) };
}

const restored = (place: { readonly settings: TestDatabase; readonly to: string }) =>
  TestStore.open(harness, {}, { database: place.settings, folder: place.to });

async function drilled(folder: string): Promise<readonly BackupGap[]> {
  return (await drillBackup({ folder, database: (await emptyPlace()).database })).gaps;
}

const filesIn = (folder: string) =>
  readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) => /^\d{8}\/[0-9a-f-]{36}/.test(name));

describe("a backup of a store", () => {
  it("comes back as it was, in another database and folder, while the store serves on", async () => {
    const { store, backup } = await opened();
    await using _ = store;
    const puts = await putSome(store, lengths);
    const taken = await backUpStore(backup);
    assert.deepEqual([taken.copied, taken.kept, taken.manifest.lacking], [3, 0, []]);
    assert.deepEqual([taken.manifest.objects.rows, taken.manifest.objects.inStorage], [4, 3]);
    const later = await putSome(store, [6000]);
    const place = await emptyPlace();
    const result = await restoreStore({ ...place, folder: backup.folder });
    assert.deepEqual([result.objects, result.damaged], [3, []]);
    assert.deepEqual(await drilled(backup.folder), []);
    await using again = await restored(place);
    await requireAll(again, puts);
    await requireAll(again, await putSome(again, lengths));
    await assert.rejects(again.client.get(later[0]!.hash, later[0]!.party));
  });

  it("copies only what the folder does not have, and leaves one snapshot there", async () => {
    const { store, backup } = await opened();
    await using _ = store;
    await putSome(store, lengths);
    await backUpStore(backup);
    const more = await putSome(store, [6000, 10]);
    const second = await backUpStore(backup);
    assert.deepEqual([second.copied, second.kept], [1, 3]);
    assert.deepEqual(readdirSync(join(backup.folder, "tables")), [second.manifest.files]);
    assert.deepEqual(readdirSync(backup.folder).sort(), ["blobs", "folder.json", "manifest.json", "tables"]);
    const place = await emptyPlace();
    await restoreStore({ ...place, folder: backup.folder });
    await using again = await restored(place);
    await requireAll(again, more);
  });

  it("is whole while objects come in", async () => {
    const { store, backup } = await opened();
    await using _ = store;
    await putSome(store, lengths);
    const over = new AbortController();
    const coming = (async () => {
      let count = 0;
      for (; !over.signal.aborted; count++) await putSome(store, [6000, 10]);
      return count;
    })();
    for (let round = 0; round < 3; round++) await backUpStore(backup);
    over.abort();
    assert.notEqual(await coming, 0);
    assert.deepEqual(await drilled(backup.folder), []);
  });

  it("has the bytes that its rows tell of, also of an object that is put again meanwhile", async () => {
    const { store, backup } = await opened();
    await using _ = store;
    const [put] = await putSome(store, [6000]);
    const [name] = filesIn(store.folder);
    await putSome(store, [6000]); // is copied in the first round, and there in the second
    writeFileSync(join(store.folder, name!), "damaged");
    const client = await harness.superuser(store.databaseSettings.name);
    await using __ = { [Symbol.asyncDispose]: () => client.end() };
    // The last of the tables: when it is waited for, the snapshot stands, and nothing is copied yet.
    const table = `${store.databaseSettings.schema}.p8e_replication_peer`;
    await client.query("BEGIN");
    await client.query(`LOCK TABLE ${table} IN ACCESS EXCLUSIVE MODE`);
    const under = backUpStore(backup);
    const waiting = `SELECT FROM pg_locks WHERE relation = '${table}'::regclass AND NOT granted`;
    const waiters = async () => (await client.query(waiting)).rowCount;
    await eventually("the backup waits for the table", waiters, (count) => count === 1);
    await store.client.put({ audience: [put!.party], payload: new Uint8Array(6000).fill(7) }, { hash: put!.hash });
    await client.query("COMMIT");
    const { manifest, copied, kept } = await under;
    assert.deepEqual([manifest.lacking, copied, kept], [[], 2, 0]);
    const names = filesIn(join(backup.folder, "blobs"));
    assert.ok(names.length === 2 && names.includes(`${name}.1`), names.join());
    assert.deepEqual(await drilled(backup.folder), []);
  });

  it("waits for a repair under way, which replaces bytes before the row", async () => {
    const { store, backup } = await opened();
    await using _ = store;
    await putSome(store, [6000]);
    const [name] = filesIn(store.folder);
    const file = join(store.folder, name!);
    const whole = readFileSync(file);
    const client = await harness.superuser(store.databaseSettings.name);
    await using __ = { [Symbol.asyncDispose]: () => client.end() };
    await client.query("BEGIN");
    await client.query(`SELECT FROM ${store.databaseSettings.schema}.object FOR UPDATE`);
    writeFileSync(file, "half a repair");
    const under = backUpStore(backup);
    const asked = "query LIKE 'SELECT 1 FROM object WHERE uuid = $1%' AND application_name LIKE '%-backup'";
    const waiting = `SELECT FROM pg_stat_activity WHERE datname = current_database() AND ${asked}`;
    // Asked by another connection: one in a transaction sees those that there were at its first look.
    const waiters = () => store.database.rows(waiting);
    await eventually("the backup waits for the row", waiters, (rows) => rows.length === 1);
    writeFileSync(file, whole);
    await client.query("COMMIT");
    assert.deepEqual((await under).manifest.lacking, []);
    assert.deepEqual(await drilled(backup.folder), []);
  });

  it("of objects without checksums, as the original stored them, is held to their lengths", async () => {
    const { store, backup } = await opened();
    await using _ = store;
    await putSome(store, [6000, 6000, 10]);
    await store.database.rows("DELETE FROM p8e_object_integrity");
    // The original may leave a file of another length than the row says, and serves it.
    const [other, cut] = filesIn(store.folder);
    writeFileSync(join(store.folder, other!), "of another length");
    const { manifest } = await backUpStore(backup);
    const noted = { object: other!.slice(9) as Uuid, length: 17 };
    assert.deepEqual([manifest.lacking, manifest.otherLengths], [[], [noted]]);
    const drill = async () => drillBackup({ folder: backup.folder, database: (await emptyPlace()).database });
    const whole = await drill();
    assert.deepEqual([whole.gaps, whole.objects, whole.withoutChecksum], [[], 3, 3]);
    writeFileSync(join(backup.folder, "blobs", cut!), "cut");
    const { gaps } = await drill();
    assert.deepEqual(
      gaps.map((gap) => [gap.kind, "object" in gap && gap.object]),
      [["damaged", cut!.slice(9)]],
    );
    const refused = restoreStore({ ...(await emptyPlace()), folder: backup.folder });
    await assert.rejects(refused, { code: "backup.incomplete" });
    assert.equal((await backUpStore(backup)).copied, 2);
    assert.equal((await restoreStore({ ...(await emptyPlace()), folder: backup.folder })).objects, 2);
  });

  it("whose rows and list name a file elsewhere is not restored, nor is that file read by a drill", async () => {
    const { store, backup } = await opened();
    await using _ = store;
    await putSome(store, [6000]);
    const { manifest } = await backUpStore(backup);
    const [place] = filesIn(store.folder);
    const [directory] = place!.split("/");
    const rewritten = { ...manifest, tables: [...manifest.tables], objects: manifest.objects };
    const rewrite = (name: string, change: (text: string) => string) => {
      const file = join(backup.folder, "tables", manifest.files, `${name}.copy`);
      const content = change(readFileSync(file, "utf8"));
      writeFileSync(file, content);
      return { bytes: Buffer.byteLength(content), sha256: createHash("sha256").update(content).digest("hex") };
    };
    const elsewhere = (text: string) => text.replace(`\t${directory}\t`, "\t../../..\t");
    const at = backupTables.indexOf("object");
    rewritten.tables[at] = { ...manifest.tables[at]!, ...rewrite("object", elsewhere) };
    const inRow = (text: string) => elsewhere(text).replace("\tt\t", "\tf\t");
    rewritten.objects = { ...manifest.objects, ...rewrite("objects", inRow) };
    writeFileSync(join(backup.folder, "manifest.json"), JSON.stringify(rewritten));
    const empty = await emptyPlace();
    await assert.rejects(restoreStore({ ...empty, folder: backup.folder }), {
      code: "backup.incomplete",
      message: /rows that no store wrote/,
    });
    const gaps = await drilled(backup.folder);
    assert.deepEqual(
      gaps.map((gap) => [gap.kind, "table" in gap && gap.table]),
      [["row_changed", "object"]],
    );
  });

  it("tells what it lacks because the store has it no more, and so does what is restored of it", async () => {
    const { store, backup } = await opened();
    await using _ = store;
    const puts = await putSome(store, [6000, 6000, 6000]);
    const [missing, damaged] = filesIn(store.folder);
    rmSync(join(store.folder, missing!));
    writeFileSync(join(store.folder, damaged!), "damaged");
    const { manifest } = await backUpStore(backup);
    const lacking = manifest.lacking.map(({ object, kind }) => `${kind} ${object}`).sort();
    assert.deepEqual(lacking, [`damaged ${damaged!.slice(9)}`, `missing ${missing!.slice(9)}`]);
    const found = await drilled(backup.folder);
    assert.deepEqual(found.map((gap) => `${gap.kind} ${"object" in gap ? gap.object : ""}`).sort(), lacking);
    const place = await emptyPlace();
    assert.equal((await restoreStore({ ...place, folder: backup.folder })).objects, 1);
    const client = await harness.superuser(place.settings.name);
    try {
      const { rowCount } = await client.query(`SELECT FROM ${place.settings.schema}.p8e_object_damage`);
      assert.equal(rowCount, 2);
    } finally {
      await client.end();
    }
    assert.equal(puts.length, 3);
  });

  it("that is interrupted is none, and the one before stands; given again it goes on", async () => {
    const { store, backup } = await opened();
    await using _ = store;
    await putSome(
      store,
      Array.from({ length: 12 }, () => 6000),
    );
    const stopAfter = (copied: number) => {
      const stop = new AbortController();
      return { signal: stop.signal, onProgress: (at: { copied: number }) => at.copied >= copied && stop.abort() };
    };
    await assert.rejects(backUpStore({ ...backup, ...stopAfter(3) }), { code: "rpc.cancelled" });
    await assert.rejects(drilled(backup.folder), { code: "backup.incomplete" });
    const first = await backUpStore(backup);
    assert.ok(first.kept >= 3);
    await putSome(
      store,
      Array.from({ length: 12 }, () => 6000),
    );
    await assert.rejects(backUpStore({ ...backup, ...stopAfter(3) }), { code: "rpc.cancelled" });
    assert.deepEqual(await drilled(backup.folder), []);
    const place = await emptyPlace();
    assert.equal((await restoreStore({ ...place, folder: backup.folder })).objects, 12);
  });

  it("goes into a folder of its own, and comes out into nothing but what is empty", async () => {
    const { store, backup } = await opened();
    await using _ = store;
    await putSome(store, lengths);
    const other = await opened();
    await using __ = other.store;
    await backUpStore(backup);
    await assert.rejects(backUpStore({ ...other.backup, folder: backup.folder }), { code: "backup.not_empty" });
    await assert.rejects(backUpStore({ ...backup, folder: store.folder }), { code: "backup.not_empty" });
    const place = await emptyPlace();
    await assert.rejects(restoreStore({ ...place, database: other.backup.database, folder: backup.folder }), {
      code: "environment.in_use",
    });
    await assert.rejects(restoreStore({ ...place, database: backup.database, folder: backup.folder }), {
      code: "backup.not_empty",
    });
    await assert.rejects(restoreStore({ ...place, storage: backup.storage, folder: backup.folder }), {
      code: "backup.not_empty",
    });
  });

  it("that was interrupted while it was restored goes on", async () => {
    const { store, backup } = await opened();
    await using _ = store;
    const puts = await putSome(store, [6000, 6000, 6000, 6000, 6000, 6000, 10]);
    await backUpStore(backup);
    const place = await emptyPlace();
    const stop = new AbortController();
    const onProgress = () => stop.abort();
    const interrupted = restoreStore({ ...place, folder: backup.folder, onProgress, signal: stop.signal });
    await assert.rejects(interrupted, { code: "rpc.cancelled" });
    assert.notEqual(filesIn(place.to).length, 0);
    assert.equal((await restoreStore({ ...place, folder: backup.folder })).objects, 6);
    await using again = await restored(place);
    await requireAll(again, puts);
  });

  it("that somebody changed is not restored: rows, list, bytes", async () => {
    const { store, backup } = await opened();
    await using _ = store;
    const puts = await putSome(store, lengths);
    const { manifest } = await backUpStore(backup);
    const changed = async (change: (folder: string) => void) => {
      const folder = join(await harness.createFolder(), "copy");
      cpSync(backup.folder, folder, { recursive: true });
      change(folder);
      const place = await emptyPlace();
      await assert.rejects(restoreStore({ ...place, folder }), { code: "backup.incomplete" });
      return { folder, place };
    };
    for (const name of ["object", "objects", "p8e_store"]) {
      await changed((folder) => flip(join(folder, "tables", manifest.files, `${name}.copy`)));
    }
    await changed((folder) => rmSync(join(folder, "tables", manifest.files, "public_key.copy")));
    await changed((folder) => writeFileSync(join(folder, "manifest.json"), "{}"));
    const [first] = filesIn(join(backup.folder, "blobs"));
    const { folder, place } = await changed((at) => flip(join(at, "blobs", first!)));
    const leaving = await restoreStore({ ...place, folder, leaveDamaged: true });
    assert.deepEqual(leaving.damaged, [first!.slice(9) as Uuid]);
    assert.equal(leaving.objects, 2);
    assert.equal(puts.length, 4);
  });

  it("with more gaps than anybody reads is told by ten thousand, and that there are more", async () => {
    const { store, backup } = await opened();
    await using _ = store;
    await putSome(store, [10]);
    const { manifest } = await backUpStore(backup);
    const file = join(backup.folder, "tables", manifest.files, "object_public_key.copy");
    const [line] = readFileSync(file, "utf8").split("\n");
    const [uuid] = /[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/.exec(line!)!;
    const orphans = Array.from({ length: 10_001 }, () => `${line!.replace(uuid, randomUUID())}\n`);
    appendFileSync(file, orphans.join(""));
    const drill = await drillBackup({ folder: backup.folder, database: (await emptyPlace()).database });
    assert.deepEqual([drill.gaps.length, drill.moreGaps], [10_000, true]);
  });

  it("has every table of a store, but those that are left out by name", async () => {
    const { settings, database, storage } = await emptyPlace();
    await using _ = await restored({ settings, to: storage.kind === "files" ? storage.basePath : "" });
    const client = await harness.superuser(database.name);
    try {
      const { rows } = await client.query<{ name: string }>(
        "SELECT tablename AS name FROM pg_tables WHERE schemaname = $1",
        [settings.schema],
      );
      assert.deepEqual(rows.map(({ name }) => name).sort(), [...backupTables, ...leftOutTables].sort());
    } finally {
      await client.end();
    }
  });

  it("of a store in S3 comes back in another prefix, and in a folder", { skip: s3 === undefined }, async () => {
    const server = s3!;
    await using _ = server;
    process.env.AWS_ACCESS_KEY_ID = server.credentials.accessKeyId;
    process.env.AWS_SECRET_ACCESS_KEY = server.credentials.secretAccessKey;
    const at = (prefix: string) => `s3://blobs/${prefix}?${new URLSearchParams({ endpoint: server.endpoint })}`;
    await using store = await TestStore.open(harness, { P8E_STORE_STORAGE: at("first") });
    const puts = await putSome(store, lengths);
    const database = configurationOf(store.databaseSettings, store.folder);
    const folder = await harness.createFolder();
    assert.equal((await backUpStore({ database, storage: parseStorageLocation(at("first")), folder })).copied, 3);
    assert.deepEqual(await drilled(folder), []);
    const place = await emptyPlace();
    await assert.rejects(restoreStore({ ...place, storage: parseStorageLocation(at("first")), folder }), {
      code: "backup.not_empty",
    });
    const bucket = await emptyPlace();
    await restoreStore({ ...bucket, storage: parseStorageLocation(at("second")), folder });
    const settings = { database: bucket.settings, folder: bucket.to };
    await using again = await TestStore.open(harness, { P8E_STORE_STORAGE: at("second") }, settings);
    await requireAll(again, puts);
    const files = await emptyPlace();
    await restoreStore({ ...files, folder });
    await using here = await restored(files);
    await requireAll(here, puts);
  });
});

/** One bit, in the middle. */
function flip(file: string): void {
  const bytes = readFileSync(file);
  const at = Math.floor(bytes.length / 2);
  bytes[at] = bytes[at]! ^ 1;
  writeFileSync(file, bytes);
  assert.ok(statSync(file).size > 0);
}
