import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { readdirSync, readFileSync, utimesSync } from "node:fs";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { isP8eError } from "@p8e/core";
import { patternBytes } from "@p8e/testkit";
import fc from "fast-check";
import { CHUNK_BYTES, digestChunks } from "../src/domain/chunk-digests.ts";
import { BlobFolder, placeOfDraft } from "../src/storage/blob-folder.ts";
import { DirectorySync } from "../src/storage/directory-sync.ts";
import { nodeFileSystem } from "../src/storage/file-system.ts";
import { FileUpload } from "../src/storage/file-upload.ts";
import { sweepOrphans } from "../src/storage/orphan-sweeper.ts";
import { fileSource, memorySource, readChunks } from "../src/storage/read-chunks.ts";
import { FaultyFileSystem } from "./support/faulty-file-system.ts";

const roots: string[] = [];
after(async () => {
  for (const root of roots) await rm(root, { recursive: true, force: true });
});

const IDENTITY = "11111111-1111-4111-8111-111111111111";

async function open(fileSystem = nodeFileSystem as FaultyFileSystem | typeof nodeFileSystem) {
  const base = await mkdtemp(join(tmpdir(), "p8e-blobs-"));
  roots.push(base);
  return { base, folder: await BlobFolder.open(base, IDENTITY, { fileSystem }) };
}

const newPlace = () => ({ directory: "20240229", name: randomUUID() as string });

async function read(folder: BlobFolder, place: { directory: string; name: string }): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  await using file = (await folder.openRead(place))!;
  for await (const chunk of readChunks(await fileSource(file))) chunks.push(chunk);
  return new Uint8Array(Buffer.concat(chunks));
}

async function problemOf(chunks: AsyncIterable<Uint8Array>): Promise<{ given: number; code: string }> {
  let given = 0;
  try {
    for await (const chunk of chunks) given += chunk.length;
  } catch (error) {
    return { given, code: isP8eError(error) ? error.code : String(error) };
  }
  return { given, code: "ok" };
}

describe("an object written to a file", () => {
  const write = async (
    folder: BlobFolder,
    header: Uint8Array,
    predicted: number,
    payload: Uint8Array,
    pieces: number[],
  ) => {
    const upload = await FileUpload.begin(folder, newPlace(), predicted);
    let offset = 0;
    for (const length of pieces) {
      await upload.append(payload.slice(offset, offset + length));
      offset = Math.min(payload.length, offset + length);
    }
    await upload.append(payload.slice(offset));
    const stored = await upload.complete(header);
    await upload.publish();
    await upload.settle();
    return { stored, bytes: await read(folder, upload.place) };
  };

  it("is header and payload, with the digest of every chunk, whether or not the header's length was foreseen", async () => {
    const { folder } = await open();
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 3000 }),
        fc.integer({ min: 1, max: 3000 }),
        fc.integer({ min: 0, max: 40_000 }),
        fc.array(fc.integer({ min: 0, max: 20_000 }), { maxLength: 6 }),
        async (headerLength, predicted, payloadLength, pieces) => {
          const header = patternBytes(headerLength, 1);
          const payload = patternBytes(payloadLength, 2);
          const whole = new Uint8Array(Buffer.concat([header, payload]));
          const { stored, bytes } = await write(folder, header, predicted, payload, pieces);
          assert.deepEqual(bytes, whole);
          assert.deepEqual(stored, { length: whole.length, digests: digestChunks(whole) });
        },
      ),
      { numRuns: 40 },
    );
  });

  for (const [title, headerLength, predicted, payloadLength] of [
    ["ends exactly at a chunk's end", 500, 500, CHUNK_BYTES - 500],
    ["ends one byte behind a chunk's end", 500, 500, CHUNK_BYTES - 499],
    ["has several chunks and small pieces", 777, 777, 2 * CHUNK_BYTES + 5],
    ["has a header longer than a chunk", CHUNK_BYTES + 10, CHUNK_BYTES + 10, CHUNK_BYTES],
    ["has a header of exactly one chunk", CHUNK_BYTES, CHUNK_BYTES, 10],
    ["has a header that was not foreseen, and several chunks", 900, 500, 2 * CHUNK_BYTES + 5],
    ["has nothing but a header", 900, 900, 0],
  ] as const) {
    it(`is right when it ${title}`, async () => {
      const { folder } = await open();
      const header = patternBytes(headerLength, 3);
      const payload = patternBytes(payloadLength, 4);
      const whole = new Uint8Array(Buffer.concat([header, payload]));
      const pieces = Array.from({ length: Math.floor(payloadLength / 70_000) }, () => 70_000);
      const { stored, bytes } = await write(folder, header, predicted, payload, pieces);
      assert.ok(Buffer.from(bytes).equals(whole));
      assert.deepEqual(stored, { length: whole.length, digests: digestChunks(whole) });
    });
  }

  it("lies under its day and name, and under no other name once it is settled", async () => {
    const { base, folder } = await open();
    const upload = await FileUpload.begin(folder, newPlace(), 3);
    await upload.append(Uint8Array.of(4, 5));
    await upload.complete(Uint8Array.of(1, 2, 3));
    assert.deepEqual(readdirSync(base), [".incoming"]);
    await upload.publish();
    assert.deepEqual(readdirSync(folder.incoming), [`${upload.place.directory}.${upload.place.name}`]);
    await upload.settle();
    assert.deepEqual(readdirSync(folder.incoming), []);
    assert.deepEqual([...readFileSync(join(base, upload.place.directory, upload.place.name))], [1, 2, 3, 4, 5]);
  });

  it("leaves nothing when it is discarded, at any point", async () => {
    const { base, folder } = await open();
    for (const steps of [0, 1, 2, 3]) {
      const upload = await FileUpload.begin(folder, newPlace(), 3);
      if (steps > 0) await upload.append(patternBytes(600_000));
      if (steps > 1) await upload.complete(Uint8Array.of(1, 2, 3));
      if (steps > 2) await upload.publish();
      await upload.discard();
      assert.deepEqual(readdirSync(folder.incoming), []);
    }
    assert.deepEqual(readdirSync(join(base, "20240229")), []);
  });

  for (const operation of ["create", "write", "sync", "link", "makeDirectory", "syncDirectory"] as const) {
    for (const errno of ["ENOSPC", "EIO"]) {
      it(`fails as a whole when ${operation} fails with ${errno}, names no path, and leaves nothing`, async () => {
        const faults = new FaultyFileSystem();
        const { base, folder } = await open(faults);
        faults.arm(operation, { errno, torn: operation === "write" });
        let upload: FileUpload | undefined;
        const attempt = async () => {
          upload = await FileUpload.begin(folder, newPlace(), 3);
          await upload.append(patternBytes(2_000_000));
          await upload.complete(Uint8Array.of(1, 2, 3));
          await upload.publish();
        };
        const error = await attempt().then(
          () => undefined,
          (thrown: unknown) => thrown,
        );
        assert.ok(isP8eError(error));
        assert.equal(error.code, "store.storage");
        assert.equal(error.message, errno === "ENOSPC" ? "the storage is full" : "the storage failed");
        faults.disarm();
        await upload?.discard();
        assert.deepEqual(readdirSync(folder.incoming), []);
        const published = readdirSync(base, { recursive: true, encoding: "utf8" }).filter((name) =>
          name.startsWith("2024"),
        );
        assert.deepEqual(
          published.filter((name) => name !== "20240229"),
          [],
        );
      });
    }
  }

  it("is published by renaming where a file system has no second names", async () => {
    const faults = new FaultyFileSystem();
    const { folder } = await open(faults);
    faults.arm("link", { errno: "EPERM" });
    const upload = await FileUpload.begin(folder, newPlace(), 1);
    await upload.complete(Uint8Array.of(9));
    await upload.publish();
    await upload.settle();
    assert.deepEqual(await read(folder, upload.place), Uint8Array.of(9));
  });
});

describe("reading chunks", () => {
  const bytes = patternBytes(2 * CHUNK_BYTES + 100);
  const integrity = { length: bytes.length, chunkBytes: CHUNK_BYTES, digests: digestChunks(bytes) };

  it("gives everything when nothing has changed", async () => {
    assert.deepEqual(await problemOf(readChunks(memorySource(bytes), integrity)), { given: bytes.length, code: "ok" });
  });

  for (const [title, at, given] of [
    ["first", 0, 0],
    ["second", CHUNK_BYTES, CHUNK_BYTES],
    ["last", bytes.length - 1, 2 * CHUNK_BYTES],
  ] as const) {
    it(`stops before the ${title} chunk when one bit in it has changed`, async () => {
      const damaged = bytes.slice();
      damaged[at]! ^= 1;
      assert.deepEqual(await problemOf(readChunks(memorySource(damaged), integrity)), {
        given,
        code: "object.corrupt",
      });
    });
  }

  it("gives nothing when the length has changed", async () => {
    for (const length of [bytes.length - 1, 0]) {
      const source = memorySource(bytes.subarray(0, length));
      assert.deepEqual(await problemOf(readChunks(source, integrity)), { given: 0, code: "object.corrupt" });
    }
  });

  it("gives what is there when nothing was written down about it", async () => {
    const source = memorySource(bytes.subarray(0, 100));
    assert.deepEqual(await problemOf(readChunks(source)), { given: 100, code: "ok" });
  });
});

describe("the sweeper", () => {
  const sweep = (folder: BlobFolder, rows: readonly string[], now = Date.now() + 100_000) =>
    sweepOrphans(folder, {
      graceMs: 60_000,
      now,
      objectExists: async (uuid) => rows.includes(uuid),
      log: () => {},
    });

  const leftover = async (folder: BlobFolder, published: boolean) => {
    const upload = await FileUpload.begin(folder, newPlace(), 1);
    await upload.complete(Uint8Array.of(9));
    if (published) await upload.publish();
    upload.abandon();
    return upload.place;
  };

  it("removes a published file whose row never came, and keeps one whose row did", async () => {
    const { folder } = await open();
    const orphan = await leftover(folder, true);
    const kept = await leftover(folder, true);
    const draft = await leftover(folder, false);
    assert.equal(await sweep(folder, [kept.name]), 3);
    assert.equal(await folder.openRead(orphan), undefined);
    assert.equal(await folder.openRead(draft), undefined);
    assert.deepEqual(await read(folder, kept), Uint8Array.of(9));
    assert.deepEqual(readdirSync(folder.incoming), []);
  });

  it("leaves alone what is young, what is under way, and what it does not know", async () => {
    const { folder } = await open();
    const young = await leftover(folder, true);
    assert.equal(await sweep(folder, [], Date.now()), 0);
    const active = await FileUpload.begin(folder, newPlace(), 1);
    const stranger = join(folder.incoming, "notes.txt");
    await writeFile(stranger, "mine");
    utimesSync(stranger, 0, 0);
    assert.equal(await sweep(folder, [young.name]), 1);
    assert.equal(readdirSync(folder.incoming).length, 2);
    await active.discard();
  });

  it("does not remove a file that took the name of the one it looks for", async () => {
    const { base, folder } = await open();
    const place = await leftover(folder, false);
    await mkdir(join(base, place.directory), { recursive: true });
    await writeFile(join(base, place.directory, place.name), "other");
    await sweep(folder, []);
    assert.equal(readFileSync(join(base, place.directory, place.name), "utf8"), "other");
  });

  it("never touches the drafts of another store on the same base", async () => {
    const { base, folder } = await open();
    const other = await BlobFolder.open(base, "22222222-2222-4222-8222-222222222222");
    const theirs = await leftover(other, true);
    await sweep(folder, []);
    assert.deepEqual(await read(other, theirs), Uint8Array.of(9));
    assert.equal(readdirSync(other.incoming).length, 1);
  });

  it("reads only names of its own form", () => {
    assert.equal(placeOfDraft("20240229"), undefined);
    assert.equal(placeOfDraft("../x.11111111-1111-4111-8111-111111111111"), undefined);
    assert.equal(placeOfDraft("20240229.11111111-1111-4111-8111-111111111111")?.directory, "20240229");
  });
});

describe("syncing a directory", () => {
  it("is shared by everybody who asks while one sync is running, and begins after they asked", async () => {
    const begun: number[] = [];
    let finish = () => {};
    const sync = new DirectorySync({
      ...nodeFileSystem,
      syncDirectory: () =>
        new Promise((resolve) => {
          begun.push(begun.length);
          finish = resolve;
        }),
    });
    const first = sync.sync("d");
    const late = [sync.sync("d"), sync.sync("d"), sync.sync("d")];
    assert.equal(begun.length, 1);
    finish();
    await first;
    await new Promise((resolve) => setImmediate(resolve));
    assert.equal(begun.length, 2);
    finish();
    await Promise.all(late);
    assert.equal(begun.length, 2);
  });
});

describe("opening the storage", () => {
  it("refuses a base that does not exist", async () => {
    const error = await BlobFolder.open("/nonexistent/base", IDENTITY).then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    assert.ok(isP8eError(error) && error.code === "store.storage");
  });

  it("writes, reads and deletes a file when the health check is on, and says when that fails", async () => {
    const { base } = await open();
    await BlobFolder.open(base, IDENTITY, { healthCheck: true });
    assert.deepEqual(readdirSync(join(base, "test")), []);
    const faults = new FaultyFileSystem();
    faults.arm("sync");
    await assert.rejects(BlobFolder.open(base, IDENTITY, { healthCheck: true, fileSystem: faults }), /storage is full/);
  });
});
