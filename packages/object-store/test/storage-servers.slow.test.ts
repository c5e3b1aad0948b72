// The storages on real servers: MinIO, and an emulator of Google Cloud Storage.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { after, describe, it } from "node:test";
import { type BlobServer, optionalBlobServer, patternBytes } from "@p8e/testkit";
import type { GcsLocation, S3Location } from "../src/domain/storage-location.ts";
import { systemRandom } from "../src/random.ts";
import { type Bucket, isRefusal, keysUnder } from "../src/storage/bucket/bucket.ts";
import { BucketStorage } from "../src/storage/bucket/bucket-storage.ts";
import { GcsBucket } from "../src/storage/gcs/gcs-bucket.ts";
import { S3Bucket } from "../src/storage/s3/s3-bucket.ts";
import { bytesAt, newPlace, STORE, shiftedClock, storageConformance } from "./support/storage-conformance.ts";

const s3 = await optionalBlobServer("s3", "storage in S3");
const gcs = await optionalBlobServer("gcs", "storage in Google Cloud Storage");
after(async () => {
  await s3?.[Symbol.asyncDispose]();
  await gcs?.[Symbol.asyncDispose]();
});

const place = { bucket: "blobs", prefix: "", kmsKey: undefined };

function s3Location(server: BlobServer): S3Location {
  const { endpoint } = server;
  return { kind: "s3", ...place, endpoint, region: undefined, pathStyle: true, encryption: undefined };
}

function gcsLocation({ endpoint }: BlobServer): GcsLocation {
  return { kind: "gcs", ...place, endpoint };
}

const servers = [
  { server: s3, name: "S3", open: (at: BlobServer): Bucket => new S3Bucket(s3Location(at), at) },
  { server: gcs, name: "Google Cloud Storage", open: (at: BlobServer): Bucket => new GcsBucket(gcsLocation(at)) },
];

for (const { server, name, open } of servers) {
  if (server === undefined) continue;

  describe(`a bucket of ${name}`, () => {
    const bucket = open(server);
    after(() => bucket[Symbol.asyncDispose]());
    const text = (text: string) => Buffer.from(text);
    const read = async (key: string) => {
      const range = { from: 0, length: 100 };
      return (await bucket.read(key, range, { signal: new AbortController().signal }))?.bytes;
    };

    it("does not overwrite what must not be overwritten, and says so", async () => {
      const key = `once/${randomUUID()}`;
      await bucket.put(key, text("first"), "mark");
      await assert.rejects(bucket.put(key, text("second"), "other"), isRefusal);
      assert.equal(Buffer.from((await read(key))!).toString(), "first");
      assert.equal(await bucket.markOf(key), "mark");
      await bucket.put(key, text("third"));
      assert.equal(Buffer.from((await read(key))!).toString(), "third");
    });

    it("reads nothing, and removes nothing, where nothing is", async () => {
      assert.equal(await read("none"), undefined);
      assert.equal(await bucket.markOf("none"), undefined);
      await bucket.remove("none");
      await bucket.abortLarge("none");
    });

    it("lists more keys than a page holds", async () => {
      const keys = Array.from({ length: 1005 }, (_, index) => `many/${String(index).padStart(5, "0")}`);
      for (let at = 0; at < keys.length; at += 50) {
        await Promise.all(keys.slice(at, at + 50).map((key) => bucket.put(key, text("."))));
      }
      assert.deepEqual((await keysUnder(bucket, "many/")).toSorted(), keys);
    });

    it("does not read on in another object than it began with", async () => {
      const key = `replaced/${randomUUID()}`;
      const signal = new AbortController().signal;
      await bucket.put(key, text("before"));
      const { version } = (await bucket.read(key, { from: 0, length: 3 }, { signal }))!;
      assert.equal((await bucket.read(key, { from: 3, length: 3 }, { signal, version }))!.length, 6);
      await bucket.put(key, text("after!"));
      assert.equal(await bucket.read(key, { from: 3, length: 3 }, { signal, version }), undefined);
    });
  });

  let grounds = 0;
  storageConformance(name, async () => {
    const prefix = `ground-${grounds++}/`;
    const { clock, wait } = shiftedClock();
    const bucket = open(server);
    return {
      open: (identity) => BucketStorage.open({ bucket, prefix, identity, clock, random: systemRandom }),
      wait,
      unfinished: async () => (await keysUnder(bucket, `${prefix}.incoming/`)).length,
    };
  });
}

if (s3 !== undefined) {
  describe("a large object in S3", () => {
    it("is copied in parts when it is too large for one copy", async () => {
      const { credentials } = s3;
      await using bucket = new S3Bucket(s3Location(s3), { credentials, copyBytesMax: 6 * 1024 * 1024 });
      const options = { bucket, prefix: "copied/", identity: STORE, clock: shiftedClock().clock, random: systemRandom };
      const storage = await BucketStorage.open(options);
      const payload = patternBytes(15_000_000);
      const [target, upload] = [newPlace(), await storage.begin(newPlace(), 3)];
      await upload.append(payload);
      await upload.complete(Uint8Array.of(1, 2, 3));
      await upload.replace(target);
      await upload.discard();
      assert.ok((await bytesAt(storage, target))?.equals(Buffer.concat([Uint8Array.of(1, 2, 3), payload])));
    });
  });
}
