import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
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

  it("is taken over from a process that has ended and that nobody has buried yet", {
    skip: process.platform !== "linux",
  }, async () => {
    // The shell's child ends at once; the shell has become a program that never asks for it.
    const parent = spawn("sh", ["-c", "sleep 0 & echo $!; exec sleep 30"], { stdio: ["ignore", "pipe", "ignore"] });
    try {
      const [line] = (await once(parent.stdout, "data")) as [Buffer];
      const pid = Number(line.toString());
      let fields: string[] = [];
      for (let triesLeft = 200; fields[0] !== "Z" && triesLeft > 0; triesLeft--) {
        await new Promise((resolve) => setTimeout(resolve, 20));
        const stat = await readFile(`/proc/${pid}/stat`, "utf8");
        fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
      }
      assert.equal(fields[0], "Z");
      await writeFile(join(folder, "lock"), `${pid} ${fields[19]}\n`);
      await using held = await lockFolder(folder);
      assert.ok(held);
    } finally {
      parent.kill("SIGKILL");
    }
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
