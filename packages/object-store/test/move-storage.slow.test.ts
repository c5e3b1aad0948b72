import assert from "node:assert/strict";
import { cpSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import type { Uuid } from "@p8e/core";
import { moveStorage, parseStorageLocation, parseStoreConfiguration } from "@p8e/object-store";
import { newHash, newParties, patternBytes, storeEnvironment, type TestParty, TestStore } from "@p8e/testkit";
import { lockNumber } from "../src/postgres/store-lock.ts";
import { LocalHarness } from "./support/harness.ts";

const harness = new LocalHarness();

interface Put {
  readonly hash: Uint8Array;
  readonly party: TestParty;
  readonly bytes: Uint8Array;
}

/** A few objects in the storage, and one in the database. */
async function putSome(store: TestStore, lengths: readonly number[] = [6000, 300_000, 2_500_000, 10]): Promise<Put[]> {
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

/** A store that has stopped, with what it holds, and where that is to go. */
async function stopped() {
  const store = await TestStore.open(harness);
  const puts = await putSome(store);
  await store[Symbol.asyncDispose]();
  const to = await harness.createFolder();
  const configuration = parseStoreConfiguration({
    OS_URL: "127.0.0.1",
    OS_PORT: "0",
    ...storeEnvironment(store.databaseSettings, store.folder),
  });
  const move = {
    database: configuration.database,
    from: configuration.storage.location,
    to: parseStorageLocation(to),
    // Every store of this file is in one database, so somebody always is connected: nothing is to be waited for.
    clock: { now: Date.now, sleep: async () => {} },
  };
  return { store, puts, to, move, database: store.databaseSettings };
}

const objectFiles = (folder: string) =>
  readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) => /^\d{8}\/[0-9a-f-]{36}$/.test(name));

describe("moving a store's objects to another storage", () => {
  it("takes all of them along, and the store opens there and nowhere else", async () => {
    const { store, puts, to, move, database } = await stopped();
    const moved = await moveStorage(move);
    assert.deepEqual([moved.copied, moved.damaged, moved.switched], [3, [], true]);
    assert.equal(moved.bytes > 2_800_000, true);
    await assert.rejects(TestStore.open(harness, {}, { database, folder: store.folder }), {
      code: "configuration.invalid",
      facts: { storage: to, configured: store.folder },
    });
    rmSync(store.folder, { recursive: true });
    await using again = await TestStore.open(harness, {}, { database, folder: to });
    await requireAll(again, puts);
    await requireAll(again, await putSome(again));
    assert.deepEqual(await moveStorage(move), { copied: 0, bytes: 0, damaged: [], switched: true });
  });

  it("copies while a process serves, and switches once it has stopped", async () => {
    await using store = await TestStore.open(harness);
    const before = await putSome(store);
    const { database, storage } = parseStoreConfiguration({
      OS_URL: "127.0.0.1",
      OS_PORT: "0",
      ...storeEnvironment(store.databaseSettings, store.folder),
    });
    const to = await harness.createFolder();
    const clock = { now: Date.now, sleep: async () => {} };
    const move = { database, from: storage.location, to: parseStorageLocation(to), clock };
    const first = await moveStorage(move);
    assert.deepEqual([first.copied, first.switched], [3, false]);
    const after = await putSome(store);
    await requireAll(store, before);
    await store.store[Symbol.asyncDispose]();
    const second = await moveStorage(move);
    assert.deepEqual([second.copied, second.switched], [3, true]);
    await using again = await TestStore.open(harness, {}, { database: store.databaseSettings, folder: to });
    await requireAll(again, [...before, ...after]);
  });

  it("goes on where it was interrupted, and replaces what is wrong at the new place", async () => {
    const { store, puts, to, move, database } = await stopped();
    // As a crash leaves it: one object is there and no row says so, another is there and damaged.
    const [first, second] = objectFiles(store.folder);
    for (const name of [first!, second!]) cpSync(join(store.folder, name), join(to, name), { recursive: true });
    writeFileSync(join(to, second!), "damaged");
    const stop = new AbortController();
    const interrupted = moveStorage({ ...move, signal: stop.signal, onProgress: () => stop.abort() });
    await assert.rejects(interrupted, { code: "rpc.cancelled" });
    const moved = await moveStorage(move);
    assert.equal(moved.switched, true);
    assert.deepEqual(objectFiles(to).sort(), objectFiles(store.folder).sort());
    await using again = await TestStore.open(harness, {}, { database, folder: to });
    await requireAll(again, puts);
  });

  it("does not switch while objects are damaged or missing, unless they are to be left", async () => {
    const { store, move, to } = await stopped();
    const [missing, damaged] = objectFiles(store.folder);
    rmSync(join(store.folder, missing!));
    writeFileSync(join(store.folder, damaged!), "damaged");
    const uuids = [missing!, damaged!].map((name) => name.slice(9)).sort();
    await assert.rejects(moveStorage(move), { code: "object.corrupt", facts: { objects: uuids } });
    const moved = await moveStorage({ ...move, leaveDamaged: true });
    assert.deepEqual([[...moved.damaged].sort(), moved.switched], [uuids, true]);
    assert.equal(objectFiles(to).length, 1);
  });

  it("is one at a time: the second is told, and moves nothing", async () => {
    const { move, database, to } = await stopped();
    const first = await harness.superuser(database.name);
    try {
      const { rows } = await first.query<{ identity: Uuid }>(`SELECT identity FROM ${database.schema}.p8e_store`);
      await first.query("SELECT pg_advisory_lock($1::bigint)", [lockNumber(rows[0]!.identity, "move")]);
      await assert.rejects(moveStorage(move), {
        code: "state.conflict",
        message: "another move of this store is under way",
      });
      assert.deepEqual(objectFiles(to), []);
    } finally {
      await first.end();
    }
    assert.equal((await moveStorage(move)).switched, true);
  });

  it("is refused to where they are, and from where they are not", async () => {
    const { move, store } = await stopped();
    await assert.rejects(moveStorage({ ...move, to: move.from }), { code: "input.invalid" });
    await moveStorage(move);
    const elsewhere = parseStorageLocation(await harness.createFolder());
    await assert.rejects(moveStorage({ ...move, to: elsewhere }), { code: "input.invalid" });
    assert.equal((await moveStorage({ ...move, from: move.to, to: move.from })).switched, true);
    assert.equal(objectFiles(store.folder).length, 3);
  });
});
