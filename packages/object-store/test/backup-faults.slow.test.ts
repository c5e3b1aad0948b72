// Faults at random places among some hundred objects: a drill names exactly those.
import assert from "node:assert/strict";
import { randomInt } from "node:crypto";
import { cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { backUpStore, drillBackup, parseStorageLocation, parseStoreConfiguration } from "@p8e/object-store";
import { newHash, newParties, patternBytes, storeEnvironment, TestStore } from "@p8e/testkit";
import { LocalHarness } from "./support/harness.ts";

const harness = new LocalHarness();
const OBJECTS = 300;

/** Takes some out of a list, and leaves the others. */
function takeAtRandom<T>(from: T[], count: number): T[] {
  return Array.from({ length: count }, () => from.splice(randomInt(from.length), 1)[0]!);
}

const configurationOf = (database: Parameters<typeof storeEnvironment>[0], folder: string) =>
  parseStoreConfiguration({ OS_URL: "127.0.0.1", OS_PORT: "0", ...storeEnvironment(database, folder) }).database;

describe("a drill among some hundred objects", () => {
  it("names exactly the missing blob, the flipped bit and the lost row, and nothing in what is undamaged", async () => {
    await using store = await TestStore.open(harness);
    const [party] = newParties(1);
    for (let count = 0; count < OBJECTS; count++) {
      const payload = patternBytes(count % 10 === 0 ? 10 : 6000, count);
      await store.client.put({ audience: [party!], payload }, { hash: newHash() });
    }
    const folder = await harness.createFolder();
    const { databaseSettings: settings } = store;
    const database = configurationOf(settings, store.folder);
    const backup = { database, storage: parseStorageLocation(store.folder), folder };
    await backUpStore(backup);
    const drill = async (of: string) =>
      drillBackup({ folder: of, database: configurationOf(await harness.createDatabase(), of) });
    const whole = await drill(folder);
    assert.deepEqual([whole.objects, whole.gaps], [OBJECTS, []]);

    const blobs = readdirSync(join(folder, "blobs"), { recursive: true, encoding: "utf8" });
    const places = blobs.filter((name) => /\/[0-9a-f-]{36}$/.test(name));
    const uuidOf = (place: string) => place.slice(place.indexOf("/") + 1);
    const missing = takeAtRandom(places, 3);
    const flipped = takeAtRandom(places, 3);
    const lost = takeAtRandom(places, 3);
    const client = await harness.superuser(settings.name);
    try {
      // As a careless hand in the store's database: the objects' rows, and what must go with them.
      const uuids = [lost.map(uuidOf)];
      await client.query(`SET search_path = ${settings.schema}`);
      for (const [table, column] of [
        ["object_public_key", "object_uuid"],
        ["object", "uuid"],
      ]) {
        await client.query(`DELETE FROM ${table} WHERE ${column} = ANY ($1::uuid[])`, uuids);
      }
    } finally {
      await client.end();
    }
    await backUpStore(backup);
    const damaged = join(await harness.createFolder(), "damaged");
    cpSync(folder, damaged, { recursive: true });
    for (const place of missing) rmSync(join(damaged, "blobs", place));
    for (const place of flipped) {
      const bytes = readFileSync(join(damaged, "blobs", place));
      const at = randomInt(bytes.length);
      bytes[at] = bytes[at]! ^ (1 << randomInt(8));
      writeFileSync(join(damaged, "blobs", place), bytes);
    }
    const { gaps } = await drill(damaged);
    const named = gaps.map((gap) => `${gap.kind} ${"object" in gap ? gap.object : gap.file}`);
    const planted = [
      ...missing.map((place) => `missing ${uuidOf(place)}`),
      ...flipped.map((place) => `damaged ${uuidOf(place)}`),
      ...lost.map((place) => `row_lost ${uuidOf(place)}`),
    ];
    assert.deepEqual(named.sort(), planted.sort());
  });
});
