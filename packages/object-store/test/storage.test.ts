import assert from "node:assert/strict";
import { readdirSync, readFileSync, utimesSync } from "node:fs";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { isP8eError } from "@p8e/core";
import { patternBytes } from "@p8e/testkit";
import { CHUNK_BYTES, digestChunks } from "../src/domain/chunk-digests.ts";
import { placeOfDraft } from "../src/storage/draft-name.ts";
import { BlobFolder } from "../src/storage/files/blob-folder.ts";
import { DirectorySync } from "../src/storage/files/directory-sync.ts";
import { fileReader } from "../src/storage/files/file-storage.ts";
import { nodeFileSystem } from "../src/storage/files/file-system.ts";
import { FileUpload } from "../src/storage/files/file-upload.ts";
import { sweepOrphans } from "../src/storage/files/orphan-sweeper.ts";
import { memorySource, readChunks } from "../src/storage/read-chunks.ts";
import { FaultyFileSystem } from "./support/faulty-file-system.ts";
import { bytesAt, newPlace, STORE } from "./support/storage-conformance.ts";

const roots: string[] = [];
after(async () => {
  for (const root of roots) await rm(root, { recursive: true, force: true });
});

async function open(fileSystem = nodeFileSystem as FaultyFileSystem | typeof nodeFileSystem) {
  const base = await mkdtemp(join(tmpdir(), "p8e-blobs-"));
  roots.push(base);
  return { base, folder: await BlobFolder.open(base, STORE, { fileSystem }) };
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
    const { base, folder } = await open(faults);
    faults.arm("link", { errno: "EPERM" });
    const upload = await FileUpload.begin(folder, newPlace(), 1);
    await upload.complete(Uint8Array.of(9));
    await upload.publish();
    await upload.settle();
    assert.deepEqual([...(await bytesAt(fileReader(base), upload.place))!], [9]);
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
  const sweep = (folder: BlobFolder) =>
    sweepOrphans(folder, {
      graceMs: 60_000,
      now: Date.now() + 100_000,
      objectExists: async () => false,
      log: () => {},
    });

  it("leaves alone what it does not know", async () => {
    const { folder } = await open();
    const stranger = join(folder.incoming, "notes.txt");
    await writeFile(stranger, "mine");
    utimesSync(stranger, 0, 0);
    assert.equal(await sweep(folder), 0);
    assert.deepEqual(readdirSync(folder.incoming), ["notes.txt"]);
  });

  it("does not remove a file that took the name of the one it looks for", async () => {
    const { base, folder } = await open();
    const upload = await FileUpload.begin(folder, newPlace(), 1);
    await upload.complete(Uint8Array.of(9));
    upload.abandon();
    const { directory, name } = upload.place;
    await mkdir(join(base, directory), { recursive: true });
    await writeFile(join(base, directory, name), "other");
    assert.equal(await sweep(folder), 1);
    assert.equal(readFileSync(join(base, directory, name), "utf8"), "other");
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
    const error = await BlobFolder.open("/nonexistent/base", STORE).then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    assert.ok(isP8eError(error) && error.code === "store.storage");
  });

  it("writes, reads and deletes a file when the health check is on, and says when that fails", async () => {
    const { base } = await open();
    await BlobFolder.open(base, STORE, { healthCheck: true });
    assert.deepEqual(readdirSync(join(base, "test")), []);
    const faults = new FaultyFileSystem();
    faults.arm("sync");
    await assert.rejects(BlobFolder.open(base, STORE, { healthCheck: true, fileSystem: faults }), /storage is full/);
  });
});
