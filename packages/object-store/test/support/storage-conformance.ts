import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { describe, it } from "node:test";
import { systemClock } from "@p8e/core";
import { patternBytes } from "@p8e/testkit";
import fc from "fast-check";
import { CHUNK_BYTES, digestChunks } from "../../src/domain/chunk-digests.ts";
import type { BlobPlace } from "../../src/domain/stored-bytes.ts";
import type { BlobReader, BlobStorage, BlobUpload } from "../../src/storage/blob-storage.ts";
import { readChunks } from "../../src/storage/read-chunks.ts";

/** A fresh place for the storages of one test. */
export interface StorageGround {
  /** The storage of the store with this id; all of them lie in the same place. */
  open(identity: string): Promise<BlobStorage>;
  /** Lets time pass for all of them. */
  wait(milliseconds: number): void;
  /** How many uploads, of any store, are to be seen that are neither settled nor discarded. */
  unfinished(): Promise<number>;
}

export const STORE = "11111111-1111-4111-8111-111111111111";
const OTHER_STORE = "22222222-2222-4222-8222-222222222222";
const HEADER = Uint8Array.of(1, 2, 3);
const GRACE_MS = 60_000;

export function newPlace(): BlobPlace {
  return { directory: "20240229", name: randomUUID() };
}

/** A clock that can be put forward. */
export function shiftedClock() {
  let shift = 0;
  return {
    clock: { now: () => systemClock.now() + shift, sleep: systemClock.sleep },
    wait: (milliseconds: number) => {
      shift += milliseconds;
    },
  };
}

/** Undefined when nothing lies there. */
export async function bytesAt(storage: BlobReader, place: BlobPlace): Promise<Buffer | undefined> {
  await using blob = await storage.open(place);
  if (blob === undefined) return undefined;
  const chunks: Uint8Array[] = [];
  for await (const chunk of readChunks(blob)) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** What every storage must do, whatever it keeps its objects in. */
export function storageConformance(name: string, newGround: () => Promise<StorageGround>): void {
  /** An upload whose bytes are durable, and what they are. */
  const complete = async (
    storage: BlobStorage,
    payload: Uint8Array,
  ): Promise<{ upload: BlobUpload; bytes: Buffer }> => {
    const upload = await storage.begin(newPlace(), HEADER.length);
    await upload.append(payload);
    await upload.complete(HEADER);
    return { upload, bytes: Buffer.concat([HEADER, payload]) };
  };

  describe(`an object in ${name}`, () => {
    const write = async (
      storage: BlobStorage,
      header: Uint8Array,
      predicted: number,
      pieces: readonly Uint8Array[],
    ) => {
      const upload = await storage.begin(newPlace(), predicted);
      for (const piece of pieces) await upload.append(piece);
      const completed = await upload.complete(header);
      await upload.publish();
      await upload.settle();
      const whole = Buffer.concat([header, ...pieces]);
      assert.deepEqual(completed, { length: whole.length, digests: digestChunks(whole) });
      assert.ok((await bytesAt(storage, upload.place))?.equals(whole));
    };

    it("is header and payload, with the digest of every chunk, whether or not the header's length was foreseen", async () => {
      const storage = await (await newGround()).open(STORE);
      await fc.assert(
        fc.asyncProperty(
          fc.integer({ min: 1, max: 3000 }),
          fc.integer({ min: 1, max: 3000 }),
          fc.array(fc.integer({ min: 0, max: 20_000 }), { maxLength: 6 }),
          async (headerLength, predicted, lengths) => {
            const pieces = lengths.map((length, index) => patternBytes(length, index + 2));
            await write(storage, patternBytes(headerLength, 1), predicted, pieces);
          },
        ),
        { numRuns: 40 },
      );
    });

    it("is all there is: without one the storage is empty, with one it is not", async () => {
      const ground = await newGround();
      const storage = await ground.open(STORE);
      assert.equal(await storage.isEmpty(), true);
      const { upload } = await complete(storage, patternBytes(10));
      await upload.publish();
      await upload.settle();
      assert.equal(await storage.isEmpty(), false);
      assert.equal(await (await ground.open(OTHER_STORE)).isEmpty(), false);
    });

    for (const [title, headerLength, predicted, payloadLength] of [
      ["ends exactly at a chunk's end", 500, 500, CHUNK_BYTES - 500],
      ["ends one byte behind a chunk's end", 500, 500, CHUNK_BYTES - 499],
      ["has several chunks and small pieces", 777, 777, 2 * CHUNK_BYTES + 5],
      ["has a header longer than a chunk", CHUNK_BYTES + 10, CHUNK_BYTES + 10, CHUNK_BYTES],
      ["has a header of exactly one chunk", CHUNK_BYTES, CHUNK_BYTES, 10],
      ["has a header that was not foreseen, and several chunks", 900, 500, 2 * CHUNK_BYTES + 5],
      ["has nothing but a header", 900, 900, 0],
      ["has twenty megabytes", 900, 900, 20_000_000],
    ] as const) {
      it(`is right when it ${title}`, async () => {
        const storage = await (await newGround()).open(STORE);
        const payload = patternBytes(payloadLength, 4);
        const pieces: Uint8Array[] = [];
        for (let at = 0; at < payloadLength; at += 70_000) pieces.push(payload.subarray(at, at + 70_000));
        await write(storage, patternBytes(headerLength, 3), predicted, pieces);
      });
    }

    it("is read from any position, and no further than its end", async () => {
      const storage = await (await newGround()).open(STORE);
      const { upload, bytes } = await complete(storage, patternBytes(5000));
      await upload.publish();
      await using blob = (await storage.open(upload.place))!;
      assert.equal(blob.length, bytes.length);
      for (const [position, asked] of [
        [0, 10],
        [2, 5000],
        [4990, 100],
        [bytes.length, 1],
      ] as const) {
        const into = new Uint8Array(asked);
        const count = await blob.read(into, position);
        assert.deepEqual(Buffer.from(into.subarray(0, count)), bytes.subarray(position, position + asked));
      }
    });

    it("is there once it is published, before and after it is settled, and nowhere else", async () => {
      const ground = await newGround();
      const storage = await ground.open(STORE);
      assert.equal(await storage.isWritable(), true);
      assert.equal(await bytesAt(storage, newPlace()), undefined);
      const { upload, bytes } = await complete(storage, patternBytes(10));
      await upload.publish();
      assert.deepEqual(await bytesAt(storage, upload.place), bytes);
      assert.equal(await ground.unfinished(), 1);
      await upload.settle();
      assert.deepEqual(await bytesAt(storage, upload.place), bytes);
      assert.equal(await ground.unfinished(), 0);
    });

    it("does not mix with others that are written at the same time", async () => {
      const storage = await (await newGround()).open(STORE);
      const payloads = Array.from({ length: 8 }, (_, index) => patternBytes(300_000 + index, index + 1));
      const done = await Promise.all(
        payloads.map(async (payload) => {
          const upload = await storage.begin(newPlace(), HEADER.length);
          for (let at = 0; at < payload.length; at += 50_000) await upload.append(payload.subarray(at, at + 50_000));
          await upload.complete(HEADER);
          await upload.publish();
          await upload.settle();
          return upload.place;
        }),
      );
      for (const [index, place] of done.entries()) {
        assert.ok((await bytesAt(storage, place))?.equals(Buffer.concat([HEADER, payloads[index]!])));
      }
    });

    it("leaves nothing when it is discarded, at any point", async () => {
      const ground = await newGround();
      const storage = await ground.open(STORE);
      for (const steps of [0, 1, 2, 3]) {
        const upload = await storage.begin(newPlace(), HEADER.length);
        if (steps > 0) await upload.append(patternBytes(6_000_000));
        if (steps > 1) await upload.complete(HEADER);
        if (steps > 2) await upload.publish();
        await upload.discard();
        assert.equal(await bytesAt(storage, upload.place), undefined);
        assert.equal(await ground.unfinished(), 0);
      }
    });

    for (const lost of [true, false]) {
      it(`takes the place of one that is ${lost ? "lost" : "damaged"}, and of nothing else`, async () => {
        const ground = await newGround();
        const storage = await ground.open(STORE);
        const before = await complete(storage, patternBytes(3000, 1));
        if (!lost) {
          await before.upload.publish();
          await before.upload.settle();
        } else await before.upload.discard();
        const { upload, bytes } = await complete(storage, patternBytes(4000, 2));
        await upload.replace(before.upload.place);
        await upload.discard();
        assert.deepEqual(await bytesAt(storage, before.upload.place), bytes);
        assert.equal(await bytesAt(storage, upload.place), undefined);
        assert.equal(await ground.unfinished(), 0);
      });
    }
  });

  describe(`what a crash leaves of uploads in ${name}`, () => {
    const sweep = (storage: BlobStorage, rows: readonly BlobPlace[]) =>
      storage.sweep({
        graceMs: GRACE_MS,
        objectExists: async (uuid) => rows.some((row) => row.name === uuid),
        log: () => {},
      });

    const leftover = async (storage: BlobStorage, published: boolean) => {
      const { upload, bytes } = await complete(storage, patternBytes(20));
      if (published) await upload.publish();
      upload.abandon();
      return { place: upload.place, bytes };
    };

    it("goes when no row came, and stays as an object when one did", async () => {
      const ground = await newGround();
      const storage = await ground.open(STORE);
      const orphan = await leftover(storage, true);
      const kept = await leftover(storage, true);
      const draft = await leftover(storage, false);
      assert.equal(await ground.unfinished(), 3);
      ground.wait(2 * GRACE_MS);
      assert.equal(await sweep(storage, [kept.place]), 3);
      assert.equal(await bytesAt(storage, orphan.place), undefined);
      assert.equal(await bytesAt(storage, draft.place), undefined);
      assert.deepEqual(await bytesAt(storage, kept.place), kept.bytes);
      assert.equal(await ground.unfinished(), 0);
      assert.equal(await sweep(storage, [kept.place]), 0);
    });

    it("is found by the next process of the same store", async () => {
      const ground = await newGround();
      const orphan = await leftover(await ground.open(STORE), true);
      ground.wait(2 * GRACE_MS);
      const next = await ground.open(STORE);
      assert.equal(await sweep(next, []), 1);
      assert.equal(await bytesAt(next, orphan.place), undefined);
    });

    it("is left alone while it is young or under way", async () => {
      const ground = await newGround();
      const storage = await ground.open(STORE);
      const young = await leftover(storage, true);
      assert.equal(await sweep(storage, []), 0);
      const { upload, bytes } = await complete(storage, patternBytes(10));
      ground.wait(2 * GRACE_MS);
      assert.equal(await sweep(storage, [young.place]), 1);
      await upload.publish();
      await upload.settle();
      assert.deepEqual(await bytesAt(storage, upload.place), bytes);
    });

    it("belongs to the store that left it", async () => {
      const ground = await newGround();
      const theirs = await leftover(await ground.open(OTHER_STORE), true);
      ground.wait(2 * GRACE_MS);
      const storage = await ground.open(STORE);
      assert.equal(await sweep(storage, []), 0);
      assert.deepEqual(await bytesAt(storage, theirs.place), theirs.bytes);
      assert.equal(await ground.unfinished(), 1);
    });
  });
}
