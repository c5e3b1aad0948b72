// Files of the real world through put, get and share, from a folder that a developer has filled: P8E_REAL_FILES names it, with
// MISMO's messages, PDFs, spreadsheets in it. Nothing of them is kept here; small ones of each kind are made by the fast test.
import assert from "node:assert/strict";
import { readdir } from "node:fs/promises";
import { basename, join } from "node:path";
import process from "node:process";
import { it } from "node:test";
import { mediaTypeOf } from "../../../apps/cli/src/support/media-type.ts";
import { requireShared } from "./share-document.ts";
import { openTestStores } from "./store-fixture.ts";

const folder = process.env.P8E_REAL_FILES;
if (folder === undefined) {
  process.stdout.write("skipped: files of the real world (P8E_REAL_FILES names no folder)\n");
} else {
  it("files of the real world are shared to the byte, with name and type", { timeout: 900_000 }, async () => {
    await using stores = await openTestStores();
    const store = await stores.open("real");
    const found = await readdir(folder, { recursive: true, withFileTypes: true });
    const paths = found.filter((each) => each.isFile()).map((each) => join(each.parentPath, each.name));
    assert.ok(paths.length > 0, `${folder} has no files`);
    const counts = new Map<string, number>();
    for (const path of paths) {
      const mediaType = mediaTypeOf(basename(path));
      await requireShared(store, path, mediaType, join(stores.folder, "out"));
      counts.set(mediaType, (counts.get(mediaType) ?? 0) + 1);
    }
    for (const [mediaType, count] of counts) process.stdout.write(`${count} of ${mediaType}\n`);
  });
}
