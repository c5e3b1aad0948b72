import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { it } from "node:test";
import { lockDataFolder, runningProcess } from "../src/data-folder-lock.ts";

async function inFolder(work: (folder: string) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "p8e-lock-"));
  try {
    await work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

it("a data folder belongs to one process until it lets go", () =>
  inFolder(async (folder) => {
    {
      await using _lock = await lockDataFolder(folder);
      assert.equal(await runningProcess(folder), process.pid);
      await assert.rejects(lockDataFolder(folder), { code: "environment.in_use" });
    }
    assert.equal(await runningProcess(folder), undefined);
    await using _again = await lockDataFolder(folder);
  }));

it("a lock left behind by a dead process, or by one whose number lives on, is taken over", () =>
  inFolder(async (folder) => {
    writeFileSync(join(folder, "up.pid"), "999999999 1\n");
    {
      await using _lock = await lockDataFolder(folder);
    }
    if (process.platform === "linux") {
      writeFileSync(join(folder, "up.pid"), `${process.pid} 1\n`);
      await using _lock = await lockDataFolder(folder);
      assert.equal(await runningProcess(folder), process.pid);
    }
  }));

it("a data folder that is a file is a matter of configuration", () =>
  inFolder(async (folder) => {
    const file = join(folder, "file");
    writeFileSync(file, "");
    await assert.rejects(lockDataFolder(file), { code: "configuration.invalid" });
  }));
