// A store with many objects and some long ones: backed up, killed in the middle of it, tried, restored; and how long that takes.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { it } from "node:test";
import {
  backUpStore,
  drillBackup,
  parseStorageLocation,
  parseStoreConfiguration,
  restoreStore,
} from "@p8e/object-store";
import { eventually, newHash, newParties, patternBytes, storeEnvironment, TestStore } from "@p8e/testkit";
import { LocalHarness } from "./support/harness.ts";

const harness = new LocalHarness();
const SMALL = 10_000;
const SMALL_BYTES = 64 * 1024;
const LARGE = 10;
const LARGE_BYTES = 64 * 1024 * 1024;
const AT_ONCE = 8;

const program = `
import { backUpStore, parseStorageLocation, parseStoreConfiguration } from "@p8e/object-store";
const { environment, storage, folder } = JSON.parse(process.argv[1]);
const { database } = parseStoreConfiguration(environment);
await backUpStore({ database, storage: parseStorageLocation(storage), folder });
`;

it("ten thousand objects and ten long ones come back whole, killed backups among them", {
  timeout: 3_600_000,
}, async () => {
  await using store = await TestStore.open(harness);
  const [party] = newParties(1);
  const put = (bytes: number) =>
    store.client.put({ audience: [party!], payload: patternBytes(bytes) }, { hash: newHash() });
  for (let done = 0; done < SMALL; done += AT_ONCE) {
    await Promise.all(Array.from({ length: AT_ONCE }, () => put(SMALL_BYTES)));
  }
  for (let done = 0; done < LARGE; done++) await put(LARGE_BYTES);
  const folder = await harness.createFolder();
  const environment = {
    OS_URL: "127.0.0.1",
    OS_PORT: "0",
    ...storeEnvironment(store.databaseSettings, store.folder),
  };
  const filesIn = (of: string) => (existsSync(of) ? readdirSync(of, { recursive: true }).length : 0);
  for (const share of [0.1, 0.4, 0.7]) {
    const given = JSON.stringify({ environment, storage: store.folder, folder });
    const child = spawn(process.execPath, ["--input-type=module", "-e", program, given], {
      cwd: import.meta.dirname,
      stdio: "inherit",
    });
    const ended = once(child, "exit");
    const far = async () => filesIn(join(folder, "blobs"));
    await eventually("the backup is on its way", far, (count) => count > share * SMALL, { limitMs: 600_000 });
    child.kill("SIGKILL");
    await ended;
    await assert.rejects(drillBackup({ folder, database: await emptyDatabase() }), { code: "backup.incomplete" });
  }
  const { database } = parseStoreConfiguration(environment);
  const taken = await timed("backup", () =>
    backUpStore({ database, storage: parseStorageLocation(store.folder), folder }),
  );
  assert.ok(taken.kept >= 0.7 * SMALL);
  assert.equal(taken.kept + taken.copied, SMALL + LARGE);
  const drilled = await timed("drill", async () => drillBackup({ folder, database: await emptyDatabase() }));
  assert.deepEqual([drilled.objects, drilled.gaps], [SMALL + LARGE, []]);
  const to = await harness.createFolder();
  const restored = await timed("restore", async () =>
    restoreStore({ folder, database: await emptyDatabase(), storage: parseStorageLocation(to) }),
  );
  assert.deepEqual([restored.objects, restored.damaged], [SMALL + LARGE, []]);
});

async function emptyDatabase() {
  const settings = await harness.createDatabase();
  const environment = storeEnvironment(settings, "/none");
  return parseStoreConfiguration({ OS_URL: "127.0.0.1", OS_PORT: "0", ...environment }).database;
}

async function timed<T>(what: string, work: () => Promise<T>): Promise<T> {
  const began = performance.now();
  const result = await work();
  console.log(`${what}: ${((performance.now() - began) / 1000).toFixed(1)} s`);
  return result;
}
