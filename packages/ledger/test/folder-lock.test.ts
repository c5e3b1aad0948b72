import assert from "node:assert/strict";
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { lockFolder } from "../src/journal/folder-lock.ts";

describe("folder lock", () => {
  let folder = "";
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "p8e-lock-"));
  });
  after(() => rm(folder, { recursive: true }));

  it("is held by one at a time and free again afterwards", async () => {
    const held = await lockFolder(folder);
    await assert.rejects(lockFolder(folder), { code: "environment.in_use" });
    await held[Symbol.asyncDispose]();
    await using again = await lockFolder(folder);
    assert.ok(again);
  });

  it("is taken over from a process that is gone", async () => {
    await writeFile(join(folder, "lock"), "999999999 1\n");
    await using held = await lockFolder(folder);
    assert.ok(held);
  });

  it("is taken over when the process's number has gone to another", {
    skip: process.platform !== "linux",
  }, async () => {
    await writeFile(join(folder, "lock"), `${process.ppid} 1\n`);
    await using held = await lockFolder(folder);
    assert.ok(held);
  });

  it("leaves nothing behind", async () => {
    assert.deepEqual(await readdir(folder), []);
  });

  it("goes to one of several who want it at once", async () => {
    await writeFile(join(folder, "lock"), "999999999 1\n");
    const results = await Promise.allSettled(Array.from({ length: 5 }, () => lockFolder(folder)));
    const won = results.filter(({ status }) => status === "fulfilled");
    assert.equal(won.length, 1);
    for (const result of won) if (result.status === "fulfilled") await result.value[Symbol.asyncDispose]();
  });
});
