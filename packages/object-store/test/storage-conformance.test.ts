import { readdirSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after } from "node:test";
import { systemRandom } from "../src/random.ts";
import { keysUnder } from "../src/storage/bucket/bucket.ts";
import { BucketStorage } from "../src/storage/bucket/bucket-storage.ts";
import { FileStorage } from "../src/storage/files/file-storage.ts";
import { MemoryBucket } from "./support/memory-bucket.ts";
import { shiftedClock, storageConformance } from "./support/storage-conformance.ts";

const roots: string[] = [];
after(async () => {
  for (const root of roots) await rm(root, { recursive: true, force: true });
});

storageConformance("files", async () => {
  const basePath = await mkdtemp(join(tmpdir(), "p8e-blobs-"));
  roots.push(basePath);
  const { clock, wait } = shiftedClock();
  const incoming = () => readdirSync(join(basePath, ".incoming"), { recursive: true, withFileTypes: true });
  return {
    open: (identity) => FileStorage.open({ basePath, identity, clock }),
    wait,
    unfinished: async () => incoming().filter((entry) => entry.isFile()).length,
  };
});

storageConformance("a bucket", async () => {
  const bucket = new MemoryBucket();
  const { clock, wait } = shiftedClock();
  return {
    open: (identity) => BucketStorage.open({ bucket, prefix: "some/where/", identity, clock, random: systemRandom }),
    wait,
    unfinished: async () => (await keysUnder(bucket, "some/where/.incoming/")).length,
  };
});
