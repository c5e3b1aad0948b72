import { readdirSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after } from "node:test";
import { systemClock } from "@p8e/core";
import { FileStorage } from "../src/storage/files/file-storage.ts";
import { Bucket, MultipartStorage } from "./support/multipart-storage.ts";
import { storageConformance } from "./support/storage-conformance.ts";

const roots: string[] = [];
after(async () => {
  for (const root of roots) await rm(root, { recursive: true, force: true });
});

function shiftedClock() {
  let shift = 0;
  return {
    clock: { now: () => systemClock.now() + shift, sleep: systemClock.sleep },
    wait: (milliseconds: number) => {
      shift += milliseconds;
    },
  };
}

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

storageConformance("a bucket of parts", async () => {
  const bucket = new Bucket();
  const { clock, wait } = shiftedClock();
  return {
    open: async (identity) => new MultipartStorage(bucket, identity, clock),
    wait,
    unfinished: async () => bucket.list(".incoming/").length,
  };
});
