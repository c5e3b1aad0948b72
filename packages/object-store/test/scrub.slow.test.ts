// Stored bytes that get lost or damaged: found, written down, never served as whole, and got back.
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { appendFileSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { parseContentHash } from "@p8e/core";
import {
  inspectObject,
  openStoreReader,
  parseStoreConfiguration,
  repairNow,
  silentLog,
  storedHealth,
} from "@p8e/object-store";
import {
  eventually,
  expectStatus,
  newHash,
  newParties,
  optionalBlobServer,
  patternBytes,
  storeEnvironment,
  type TestDatabase,
  TestStore,
} from "@p8e/testkit";
import type { S3Location } from "../src/domain/storage-location.ts";
import { Database } from "../src/postgres/database.ts";
import { beginRound, scrubProgress } from "../src/postgres/scrub-rows.ts";
import { systemRandom } from "../src/random.ts";
import { scrubRound } from "../src/scrub/scrubber.ts";
import { openStorage } from "../src/storage/open-storage.ts";
import { systemStoreClock } from "../src/store-clock.ts";
import { FaultyFileSystem } from "./support/faulty-file-system.ts";
import { LocalHarness } from "./support/harness.ts";

const s3 = await optionalBlobServer("s3", "finding and healing damage in S3");
after(() => s3?.[Symbol.asyncDispose]());

const harness = new LocalHarness();
/** Again and again, as fast as it goes. */
const scrubbing = { P8E_STORE_SCRUB_ROUND_SECONDS: "1", P8E_STORE_SCRUB_BYTES_PER_SECOND: "1000000000" };

function configurationOf(database: TestDatabase, folder: string) {
  return parseStoreConfiguration({ OS_URL: "127.0.0.1", OS_PORT: "0", ...storeEnvironment(database, folder) });
}

async function healthOf(store: TestStore) {
  await using reader = await openStoreReader(configurationOf(store.databaseSettings, store.folder).database);
  return await storedHealth(reader, { limit: 100 });
}

const untilDamage = (store: TestStore, count: number) =>
  eventually(
    "the damage that was found",
    () => healthOf(store),
    ({ missing, damaged }) => missing + damaged === count,
  );

async function placeOf(store: TestStore, hash: Uint8Array): Promise<string> {
  const [row] = await store.database.rows<{ directory: string; name: string }>(
    "SELECT directory, name FROM object WHERE hash = $1",
    [Buffer.from(hash).toString("base64")],
  );
  return `${row!.directory}/${row!.name}`;
}

function flipBit(file: string): void {
  const bytes = readFileSync(file);
  bytes[bytes.length - 7]! ^= 1;
  writeFileSync(file, bytes);
}

const faults: readonly { readonly what: string; readonly kind: string; readonly damage: (file: string) => void }[] = [
  { what: "a flipped bit", kind: "damaged", damage: flipBit },
  { what: "a file cut short", kind: "damaged", damage: (file) => truncateSync(file, 100) },
  { what: "a file that has grown", kind: "damaged", damage: (file) => appendFileSync(file, "x") },
  { what: "a file that is gone", kind: "missing", damage: (file) => rmSync(file) },
];

describe("a store that looks at what it keeps", () => {
  it("finds lost and damaged objects in files and in the database, and forgets them when they are put again", async () => {
    await using store = await TestStore.open(harness, { ...scrubbing, P8E_STORE_ADMIN: "0" });
    const [party] = newParties(1);
    const objects = await Promise.all(
      [...faults, undefined].map(async (fault, index) => {
        const container = { audience: [party!], payload: patternBytes(fault === undefined ? 50 : 3_000_000, index) };
        const hash = new Uint8Array(randomBytes(32));
        await store.client.put(container, { hash });
        return { fault, container, hash };
      }),
    );
    for (const { fault, hash } of objects) {
      if (fault !== undefined) fault.damage(join(store.folder, await placeOf(store, hash)));
      else {
        await store.database.rows("UPDATE object SET payload = set_byte(payload, 20, 1) WHERE hash = $1", [
          Buffer.from(hash).toString("base64"),
        ]);
      }
    }
    const found = await untilDamage(store, 5);
    const kindOf = (hash: Uint8Array) =>
      found.objects.find((each) => each.hash === Buffer.from(hash).toString("base64"))?.kind;
    for (const { fault, hash } of objects) assert.equal(kindOf(hash), fault?.kind ?? "damaged", fault?.what);
    const metrics = async () => (await fetch(`http://127.0.0.1:${store.store.adminPort}/metrics`)).text();
    await eventually(
      "the metric",
      metrics,
      (text) =>
        text.includes('p8e_store_damaged_objects{kind="damaged"} 4') &&
        text.includes('p8e_store_damaged_objects{kind="missing"} 1'),
    );
    {
      await using reader = await openStoreReader(configurationOf(store.databaseSettings, store.folder).database);
      const hash = parseContentHash(Buffer.from(objects[0]!.hash).toString("base64"));
      const [inspected] = await inspectObject(reader, hash);
      assert.equal(inspected!.damage?.kind, "damaged");
      assert.match(inspected!.damage.repairFailure ?? "no other store is known to have it", /no other store/);
    }
    for (const { fault, hash } of objects) {
      await expectStatus(store.client.get(hash, party!), fault?.kind === "missing" ? "INTERNAL" : "DATA_LOSS");
    }
    for (const { container, hash } of objects) await store.client.put(container, { hash });
    await untilDamage(store, 0);
    for (const { hash } of objects) await store.client.get(hash, party!);
  });

  it("writes down at once what a reader finds", async () => {
    await using store = await TestStore.open(harness, { P8E_STORE_SCRUB_BYTES_PER_SECOND: "0" });
    const [party] = newParties(1);
    const hash = newHash();
    await store.client.put({ audience: [party!], payload: patternBytes(9000) }, { hash });
    flipBit(join(store.folder, await placeOf(store, hash)));
    await expectStatus(store.client.get(hash, party!), "DATA_LOSS");
    await untilDamage(store, 1);
  });

  it("goes on after an interruption where it was", async () => {
    const store = await TestStore.open(harness, { P8E_STORE_SCRUB_BYTES_PER_SECOND: "0" });
    const [party] = newParties(1);
    for (let count = 0; count < 250; count += 50) {
      const container = (index: number) => ({ audience: [party!], payload: patternBytes(20, count + index) });
      await Promise.all(
        Array.from({ length: 50 }, (_, index) => store.client.put(container(index), { hash: newHash() })),
      );
    }
    await store[Symbol.asyncDispose]();
    const configuration = configurationOf(store.databaseSettings, store.folder);
    await using database = await Database.open(configuration.database);
    await using storage = await openStorage(configuration.storage.location, {
      identity: "00000000-0000-4000-8000-000000000000",
      clock: systemStoreClock,
      random: systemRandom,
    });
    const settings = { bytesPerSecond: 1e9, roundMs: 1, repair: false };
    const parts = { database, storage, settings, clock: systemStoreClock, log: silentLog };
    await beginRound(database);
    const interruption = new AbortController();
    await assert.rejects(scrubRound(parts, interruption.signal, async () => interruption.abort()));
    const half = await scrubProgress(database);
    assert.deepEqual([half.objects, half.underWay], [100, true]);
    await scrubRound(parts, new AbortController().signal);
    const whole = await scrubProgress(database);
    assert.deepEqual([whole.objects, whole.underWay], [250, false]);
  });

  it("does not take a disk that fails for damage", async () => {
    const disk = new FaultyFileSystem();
    const faulty = new LocalHarness({ fileSystem: disk });
    await using store = await TestStore.open(faulty, { ...scrubbing, P8E_STORE_SCRUB_ROUND_SECONDS: "1" });
    const [party] = newParties(1);
    const hash = newHash();
    await store.client.put({ audience: [party!], payload: patternBytes(9000) }, { hash });
    disk.arm("read", { errno: "EIO" });
    const ended = (await healthOf(store)).scrub.roundEndedAt ?? 0;
    await eventually(
      "two more rounds",
      () => healthOf(store),
      ({ scrub }) => (scrub.roundEndedAt ?? 0) > ended + 1500,
    );
    const { missing, damaged } = await healthOf(store);
    assert.deepEqual([missing, damaged], [0, 0]);
    disk.disarm();
    await store.client.get(hash, party!);
  });
});

describe("a damaged object that another store has", () => {
  /** Two stores; the first one's object for the second's reader has arrived there. */
  const replicated = async (environment: Readonly<Record<string, string>> = {}, payloadBytes = 3_000_000) => {
    const first = await TestStore.open(harness, { ...scrubbing, ...environment });
    const second = await TestStore.open(harness, scrubbing);
    const [owner, reader] = newParties(2);
    await first.client.addKey(reader!, { url: second.url });
    await second.client.addKey(reader!);
    await second.client.addKey(owner!, { url: first.url });
    const hash = newHash();
    await first.client.put({ audience: [owner!, reader!], payload: patternBytes(payloadBytes) }, { hash });
    const got = await eventually(
      "the replica",
      () => second.client.get(hash, reader!),
      () => true,
      { isLater: () => true },
    );
    return { first, second, owner: owner!, reader: reader!, hash, bytes: got.data };
  };

  for (const { what, damage } of faults) {
    it(`comes back from its reader's store: ${what}`, async () => {
      const { first, second, owner, hash, bytes } = await replicated();
      await using _first = first;
      await using _second = second;
      damage(join(first.folder, await placeOf(first, hash)));
      const got = await eventually(
        "the object",
        () => first.client.get(hash, owner),
        () => true,
        { isLater: () => true },
      );
      assert.ok(Buffer.from(got.data).equals(bytes));
      await untilDamage(first, 0);
      const left = readdirSync(first.folder, { recursive: true, encoding: "utf8" });
      assert.equal(left.filter((name) => /[0-9a-f-]{36}$/.test(name) && /\d{8}[/.]/.test(name)).length, 1);
    });
  }

  it("is never served in part while the disk fails at getting it back, at whichever step, and comes back afterwards", async () => {
    const disk = new FaultyFileSystem();
    const faulty = new LocalHarness({ fileSystem: disk });
    await using first = await TestStore.open(faulty, scrubbing);
    await using second = await TestStore.open(harness, scrubbing);
    const [owner, reader] = newParties(2);
    await first.client.addKey(reader!, { url: second.url });
    const hash = newHash();
    await first.client.put({ audience: [owner!, reader!], payload: patternBytes(3_000_000) }, { hash });
    const isLater = () => true;
    const got = () => first.client.get(hash, owner!).then(({ data }) => Buffer.from(data));
    await eventually(
      "the replica",
      () => second.client.get(hash, reader!),
      () => true,
      { isLater },
    );
    const bytes = await got();
    const place = join(first.folder, await placeOf(first, hash));
    const { database } = configurationOf(first.databaseSettings, first.folder);
    for (const operation of ["create", "write", "sync", "rename", "syncDirectory"] as const) {
      disk.arm(operation, { torn: operation === "write" });
      truncateSync(place, 100);
      await eventually(
        `that ${operation} failed`,
        () => healthOf(first),
        ({ objects }) => (objects[0]?.repairAttempts ?? 0) > 0,
      );
      const served = await got().catch((error: unknown) => error);
      // Once renamed, the bytes are the right ones, although nobody knows yet that they are durable.
      if (operation === "syncDirectory" && Buffer.isBuffer(served)) assert.ok(served.equals(bytes));
      else assert.equal((served as { facts?: { grpcStatus?: string } }).facts?.grpcStatus, "DATA_LOSS", operation);
      disk.disarm();
      await repairNow(database);
      assert.ok((await eventually("the object", got, () => true, { isLater })).equals(bytes), operation);
      await untilDamage(first, 0);
    }
  });

  it("comes back from its owner's store, and into the database as well", async () => {
    const { first, second, reader, hash, bytes } = await replicated({}, 100);
    await using _first = first;
    await using _second = second;
    await second.database.rows("UPDATE object SET payload = set_byte(payload, 20, 1)");
    const got = await eventually(
      "the object",
      () => second.client.get(hash, reader),
      () => true,
      { isLater: () => true },
    );
    assert.ok(Buffer.from(got.data).equals(bytes));
    await untilDamage(second, 0);
  });

  it("stays damaged, and is shown as that, when the other store has other bytes or wants a credential", async () => {
    await using first = await TestStore.open(harness, scrubbing);
    await using other = await TestStore.open(harness);
    await using closed = await TestStore.open(harness, { USER_AUTH_ENABLED: "true" });
    const [owner, reader, third] = newParties(3);
    const audience = [owner!, reader!, third!];
    const hash = newHash();
    await other.client.put({ audience, payload: patternBytes(9000, 2) }, { hash });
    await closed.client.addKey(third!, { header: "x-key", value: "secret" });
    await first.client.put({ audience, payload: patternBytes(9000, 1) }, { hash });
    await first.client.addKey(reader!, { url: other.url });
    await first.client.addKey(third!, { url: closed.url });
    flipBit(join(first.folder, await placeOf(first, hash)));
    const { objects } = await eventually(
      "that both were asked",
      () => healthOf(first),
      (health) => health.objects[0]?.repairFailure?.includes(closed.url) === true,
    );
    assert.match(objects[0]!.repairFailure!, /its copy has other bytes than those that were stored here/);
    await expectStatus(first.client.get(hash, owner!), "DATA_LOSS");
    // The other store gets the very bytes after all: asked again at once, it has them.
    await other.database.rows("DELETE FROM object_public_key");
    assert.equal(await repairNow(configurationOf(first.databaseSettings, first.folder).database), 1);
    await eventually(
      "that it was asked again",
      () => healthOf(first),
      (health) => /Unable to find object/.test(health.objects[0]?.repairFailure ?? ""),
    );
  });
});

if (s3 !== undefined) {
  describe("a store in S3", () => {
    const place = { bucket: "blobs", prefix: `scrub-${process.pid}`, region: undefined, encryption: undefined };
    const location: S3Location = { kind: "s3", ...place, endpoint: s3.endpoint, pathStyle: true, kmsKey: undefined };

    it("finds objects that were overwritten, cut short and removed behind its back", async () => {
      const { S3Bucket } = await import("../src/storage/s3/s3-bucket.ts");
      await using bucket = new S3Bucket(location, s3);
      const where = `s3://${location.bucket}/${location.prefix}?endpoint=${encodeURIComponent(s3.endpoint)}`;
      process.env.AWS_ACCESS_KEY_ID = s3.credentials.accessKeyId;
      process.env.AWS_SECRET_ACCESS_KEY = s3.credentials.secretAccessKey;
      process.env.AWS_REGION = "us-east-1";
      await using store = await TestStore.open(harness, { ...scrubbing, P8E_STORE_STORAGE: where });
      const [party] = newParties(1);
      const puts = await Promise.all(
        [0, 1, 2, 3].map(async (index) => {
          const hash = newHash();
          const container = { audience: [party!], payload: patternBytes(20_000, index) };
          await store.client.put(container, { hash });
          return { hash, container, bytes: (await store.client.get(hash, party!)).data };
        }),
      );
      const key = async (index: number) => `${location.prefix}/${await placeOf(store, puts[index]!.hash)}`;
      const flipped = Buffer.from(puts[0]!.bytes);
      flipped[flipped.length - 7]! ^= 1;
      await bucket.put(await key(0), flipped);
      await bucket.put(await key(1), puts[1]!.bytes.subarray(0, 100));
      await bucket.remove(await key(2));
      const { missing, damaged } = await untilDamage(store, 3);
      assert.deepEqual([missing, damaged], [1, 2]);
      for (const { container, hash } of puts) await store.client.put(container, { hash });
      await untilDamage(store, 0);
      for (const { hash } of puts) await store.client.get(hash, party!);
    });
  });
}
