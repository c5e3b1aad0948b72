import assert from "node:assert/strict";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import {
  FOLDER_HOLDER_FILE,
  FOLDER_LOCK_FILE,
  folderHolder,
  isOwned,
  lockFolder,
  OwnerFile,
  removeOwnerFile,
} from "@p8e/machine";
import { networkFileSystem } from "../src/network-file-system.ts";
import { Contest } from "./support/contest.ts";

const NFS = 0x6969;
const EXT4 = 0xef53;
const runs = "the test";

const root = mkdtempSync(join(tmpdir(), "p8e-lock-"));
after(() => rmSync(root, { recursive: true, force: true }));
let folders = 0;
const newFolder = () => join(root, String(++folders));

describe("a locked folder", () => {
  it("belongs to one until he gives it up, and to the next afterwards", async () => {
    const folder = newFolder();
    {
      using _lock = await lockFolder(folder, { runs });
      assert.equal(folderHolder(folder), process.pid);
      await assert.rejects(lockFolder(folder, { runs }), {
        code: "environment.in_use",
        message: `process ${process.pid} runs the test in ${folder}`,
        facts: { folder, process: process.pid },
      });
    }
    assert.equal(folderHolder(folder), undefined);
    using _again = await lockFolder(folder, { runs });
  });

  it("holds an empty file that its owner alone may read, and who has it", async () => {
    const folder = newFolder();
    {
      using _lock = await lockFolder(folder, { runs });
      assert.deepEqual(readdirSync(folder).sort(), [FOLDER_LOCK_FILE, FOLDER_HOLDER_FILE]);
    }
    assert.deepEqual(readdirSync(folder), [FOLDER_LOCK_FILE]);
    const { size, mode } = statSync(join(folder, FOLDER_LOCK_FILE));
    assert.equal(size, 0);
    if (process.platform !== "win32") assert.equal(mode & 0o777, 0o600);
  });

  it("stays locked when nobody refers to the lock any more", async () => {
    const folder = newFolder();
    await lockFolder(folder, { runs });
    setFlagsFromString("--expose-gc");
    const collect = runInNewContext("gc") as () => void;
    for (let times = 0; times < 5; times++) {
      collect();
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    await assert.rejects(lockFolder(folder, { runs }), { code: "environment.in_use" });
  });

  it("is held although its mark is gone: what the mark says decides nothing", async () => {
    const folder = newFolder();
    using _lock = await lockFolder(folder, { runs });
    rmSync(join(folder, FOLDER_HOLDER_FILE));
    await assert.rejects(lockFolder(folder, { runs }), {
      code: "environment.in_use",
      message: `another process runs the test in ${folder}`,
      facts: { folder },
    });
  });

  it("is free although a mark names a living process", async () => {
    const folder = newFolder();
    mkdirSync(folder);
    writeFileSync(join(folder, FOLDER_HOLDER_FILE), `${process.ppid} \n`);
    assert.equal(folderHolder(folder), process.ppid);
    using _lock = await lockFolder(folder, { runs });
    assert.equal(folderHolder(folder), process.pid);
  });

  it("can be given up twice without harm to the next holder", async () => {
    const folder = newFolder();
    const first = await lockFolder(folder, { runs });
    first[Symbol.dispose]();
    using _second = await lockFolder(folder, { runs });
    first[Symbol.dispose]();
    assert.equal(folderHolder(folder), process.pid);
  });

  it("is no file, and its lock's file is nothing else", async () => {
    const file = newFolder();
    writeFileSync(file, "");
    await assert.rejects(lockFolder(file, { runs }), { code: "configuration.invalid" });
    const folder = newFolder();
    mkdirSync(folder);
    const path = join(folder, FOLDER_LOCK_FILE);
    writeFileSync(path, "something that somebody wrote\n");
    await assert.rejects(lockFolder(folder, { runs }), { code: "configuration.invalid", facts: { file: path } });
    assert.equal(readFileSync(path, "utf8"), "something that somebody wrote\n");
  });

  it("lies on a disk of this machine", async () => {
    const folder = newFolder();
    await assert.rejects(lockFolder(folder, { runs, fileSystemType: async () => NFS }), {
      code: "environment.unsupported",
      facts: { folder, fileSystem: "NFS" },
    });
    using _lock = await lockFolder(folder, { runs, fileSystemType: async () => EXT4 });
  });

  it("is told from a network file system by the number, signed or not", () => {
    assert.equal(networkFileSystem(NFS), "NFS");
    assert.equal(networkFileSystem(0xff534d42), "CIFS");
    assert.equal(networkFileSystem(0xff534d42 | 0), "CIFS");
    assert.equal(networkFileSystem(EXT4), undefined);
  });
});

describe("an owner's file", () => {
  it("tells whether its maker lives, and goes with him", () => {
    const path = newFolder();
    {
      using _owner = new OwnerFile(path);
      assert.equal(isOwned(path), true);
      assert.throws(() => new OwnerFile(path), { code: "EEXIST" });
      assert.equal(isOwned(path), true);
    }
    assert.equal(isOwned(path), false);
    assert.ok(!existsSync(path));
  });

  it("has no maker when he left it behind", () => {
    const path = newFolder();
    writeFileSync(path, "");
    assert.equal(isOwned(path), false);
    removeOwnerFile(path);
    assert.ok(!existsSync(path));
  });
});

// More rounds, and those where every holder is killed, are in the slow test: a process costs most of the time.
describe("several processes that want one folder", { timeout: 170_000 }, () => {
  it("get it one at a time, also on the lock of a killed holder, in 50 rounds of three", async () => {
    const folder = newFolder();
    await using contest = await Contest.open(folder, 3);
    for (let round = 0; round < 50; round++) {
      const answers = await contest.round(round % 10 === 0 ? "kill" : "give up");
      assert.deepEqual([...answers].sort(), ["environment.in_use", "environment.in_use", "held"], `round ${round}`);
    }
  });

  it("never get it together while a holder gives up, or removes the folder's content first", async () => {
    const folder = newFolder();
    await using contest = await Contest.open(folder, 3);
    for (let round = 0; round < 50; round++) {
      const answers = await contest.relay(round % 2 === 0 ? "give up" : "remove and give up");
      for (const answer of answers) assert.match(answer, /^(held|environment\.in_use)$/);
      assert.ok(answers.filter((answer) => answer === "held").length <= 1, `round ${round}: ${answers}`);
    }
  });
});
