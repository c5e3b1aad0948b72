// A storage in a bucket whose requests fail, or whose answers are lost.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { isP8eError } from "@p8e/core";
import { patternBytes } from "@p8e/testkit";
import { digestChunks } from "../src/domain/chunk-digests.ts";
import { systemRandom } from "../src/random.ts";
import { keysUnder } from "../src/storage/bucket/bucket.ts";
import { BucketStorage } from "../src/storage/bucket/bucket-storage.ts";
import { type BucketRequest, MemoryBucket } from "./support/memory-bucket.ts";
import { bytesAt, newPlace, STORE, shiftedClock } from "./support/storage-conformance.ts";

const HEADER = Uint8Array.of(1, 2, 3);

async function open() {
  const bucket = new MemoryBucket();
  const { clock, wait } = shiftedClock();
  const storage = await BucketStorage.open({ bucket, prefix: "", identity: STORE, clock, random: systemRandom });
  const sweep = () => {
    wait(120_000);
    return storage.sweep({ graceMs: 60_000, objectExists: async () => false, log: () => {} });
  };
  return { bucket, storage, wait, sweep };
}

const small = patternBytes(10);
const large = patternBytes(12_000_000);

it("a bucket is found filled by the first object in it, however many there are; uploads under way do not count", async () => {
  const { bucket, storage } = await open();
  await bucket.put(`.incoming/${STORE}/some`, small);
  assert.equal(await storage.isEmpty(), true);
  for (let count = 0; count < 5; count++) await bucket.put(`20260101/${count}`, small);
  bucket.listed = 0;
  assert.equal(await storage.isEmpty(), false);
  assert.equal(bucket.listed, 2);
});

describe("an upload to a bucket whose answers are lost", () => {
  for (const [title, request, payload] of [
    ["small object's", "put", small],
    ["large object's", "finish", large],
  ] as const) {
    it(`is complete when the ${title} last request was carried out nevertheless`, async () => {
      const { bucket, storage } = await open();
      const upload = await storage.begin(newPlace(), HEADER.length);
      await upload.append(payload);
      bucket.fault = { request, done: true, key: /^\d{8}\// };
      const whole = Buffer.concat([HEADER, payload]);
      assert.deepEqual(await upload.complete(HEADER), { length: whole.length, digests: digestChunks(whole) });
      await upload.publish();
      assert.ok((await bytesAt(storage, upload.place))?.equals(whole));
    });

    it(`leaves its marker when nobody knows what became of the ${title} last request, and the sweeper clears up`, async () => {
      const { bucket, storage, sweep } = await open();
      const upload = await storage.begin(newPlace(), HEADER.length);
      await upload.append(payload);
      bucket.fault = { request, done: false, key: /^\d{8}\// };
      await assert.rejects(upload.complete(HEADER), { code: "store.unavailable" });
      await assert.rejects(upload.publish(), { code: "store.storage" });
      bucket.fault = undefined;
      await upload.discard();
      assert.equal((await keysUnder(bucket, ".incoming/")).length, 1);
      // The request is carried out after all, long after anybody waited for it.
      const { directory, name } = upload.place;
      await bucket.put(`${directory}/${name}`, HEADER, "late");
      assert.equal(await sweep(), 1);
      assert.deepEqual([...bucket.objects.keys()], []);
    });
  }
});

describe("an upload to a bucket that fails", () => {
  for (const [request, payload, key] of [
    ["put", small, /incoming/],
    ["put", large, /incoming/],
    ["append", patternBytes(18_000_000), /./],
  ] as const) {
    it(`fails as a whole and leaves nothing: ${request} of ${payload.length} bytes`, async () => {
      const { bucket, storage, sweep } = await open();
      const attempt = async () => {
        bucket.fault = { request: request as BucketRequest, done: false, key };
        await using stack = new AsyncDisposableStack();
        const upload = await storage.begin(newPlace(), HEADER.length);
        stack.defer(async () => {
          bucket.fault = undefined;
          await upload.discard();
        });
        for (let at = 0; at < payload.length; at += 1_000_000)
          await upload.append(payload.subarray(at, at + 1_000_000));
        await upload.complete(HEADER);
      };
      await assert.rejects(attempt(), { code: "store.unavailable" });
      assert.deepEqual([[...bucket.objects.keys()], [...bucket.unfinished.keys()]], [[], []]);
      assert.equal(await sweep(), 0);
    });
  }

  it("does not take what another upload has stored under its place for its own, and leaves it", async () => {
    const { bucket, storage } = await open();
    const upload = await storage.begin(newPlace(), HEADER.length);
    const key = `${upload.place.directory}/${upload.place.name}`;
    await bucket.put(key, small, "another");
    await assert.rejects(upload.complete(HEADER), { code: "store.storage" });
    await upload.discard();
    assert.deepEqual([...bucket.objects.keys()], [key]);
  });
});

describe("an upload to a bucket that takes hours", () => {
  it("is not swept by another process of its store while it goes on", async () => {
    const { bucket, storage, wait } = await open();
    const { clock } = shiftedClock();
    const upload = await storage.begin(newPlace(), HEADER.length);
    for (let part = 0; part < 4; part++) {
      await upload.append(patternBytes(6_000_000));
      wait(400_000);
    }
    const options = { bucket, prefix: "", identity: STORE, random: systemRandom };
    const later = { now: () => clock.now() + 1_600_000 };
    const other = await BucketStorage.open({ ...options, clock: later });
    const objectExists = async () => false;
    assert.equal(await other.sweep({ graceMs: 1_500_000, objectExists, log: () => {} }), 0);
    await upload.complete(HEADER);
    assert.equal((await bytesAt(storage, upload.place))?.length, 24_000_003);
  });
});

describe("a bucket that is opened", () => {
  it("is refused when it overwrites what must not be overwritten", async () => {
    class Careless extends MemoryBucket {
      override put(key: string, bytes: Uint8Array): Promise<void> {
        return super.put(key, bytes);
      }
    }
    const options = { bucket: new Careless(), prefix: "", identity: STORE, ...shiftedClock(), random: systemRandom };
    await assert.rejects(BucketStorage.open(options), /overwrites what must not be overwritten/);
    assert.deepEqual([...options.bucket.objects.keys()], []);
  });

  it("leaves nothing of its trial, and is not writable once it does not answer", async () => {
    const { bucket, storage, wait } = await open();
    assert.deepEqual([...bucket.objects.keys()], []);
    assert.equal(await storage.isWritable(), true);
    bucket.probe = () => Promise.reject(new Error("away"));
    wait(11_000);
    assert.equal(await storage.isWritable(), false);
  });
});

describe("an object in a bucket that is read", () => {
  it("is not read on when it was replaced meanwhile", async () => {
    const { bucket, storage } = await open();
    const place = newPlace();
    await bucket.put(`${place.directory}/${place.name}`, large);
    await using blob = (await storage.open(place))!;
    await blob.read(new Uint8Array(10), 0);
    await bucket.put(`${place.directory}/${place.name}`, large);
    const error = await blob.read(new Uint8Array(10), 9_000_000).catch((thrown: unknown) => thrown);
    assert.ok(isP8eError(error) && error.code === "store.storage");
  });

  it("is found without its directory where the reference server's 0.7.x put it", async () => {
    const { bucket } = await open();
    const options = { bucket, prefix: "", identity: STORE, ...shiftedClock(), random: systemRandom, bareNames: true };
    const storage = await BucketStorage.open(options);
    const place = newPlace();
    await bucket.put(place.name, small);
    assert.deepEqual(await bytesAt(storage, place), Buffer.from(small));
  });
});
