import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { isAlive, markedProcess, markProcess, unmarkProcess } from "@p8e/machine";

const folder = mkdtempSync(join(tmpdir(), "p8e-mark-"));
after(() => rmSync(folder, { recursive: true, force: true }));
const mark = join(folder, "mark");
const linux = { skip: process.platform !== "linux" };

describe("a mark", () => {
  it("names a process while it lives and the mark is there", () => {
    assert.equal(markedProcess(mark), undefined);
    markProcess(mark, process.pid);
    assert.equal(markedProcess(mark), process.pid);
    unmarkProcess(mark);
    assert.equal(markedProcess(mark), undefined);
    assert.ok(!existsSync(mark));
  });

  it("names nobody when it is empty, no number, or the number of nobody", () => {
    for (const text of ["", "\n", "up\n", "-1 1\n", "999999999 1\n"]) {
      writeFileSync(mark, text);
      assert.equal(markedProcess(mark), undefined, text);
    }
  });

  it("names nobody when its number has gone to a process that started later, or in another boot", linux, () => {
    markProcess(mark, process.pid);
    const [, started] = readFileSync(mark, "utf8").trim().split(" ") as [string, string];
    const [ticks] = started.split("@");
    for (const other of ["1", `${ticks}@00000000-0000-4000-8000-000000000000`, `1@${started.split("@")[1]}`]) {
      writeFileSync(mark, `${process.pid} ${other}\n`);
      assert.equal(markedProcess(mark), undefined, other);
    }
    // As earlier versions wrote it.
    writeFileSync(mark, `${process.pid} ${ticks}\n`);
    assert.equal(markedProcess(mark), process.pid);
  });

  it("names nobody when the process has ended and nobody has buried it yet", linux, async () => {
    // The shell's child ends at once; the shell has become a program that never asks for it.
    const parent = spawn("sh", ["-c", "sleep 0 & echo $!; exec sleep 30"], { stdio: ["ignore", "pipe", "ignore"] });
    try {
      const [line] = (await once(parent.stdout, "data")) as [Buffer];
      const pid = Number(line.toString());
      const state = () => readFileSync(`/proc/${pid}/stat`, "utf8").replace(/^.*\) /s, "")[0];
      for (let triesLeft = 500; state() !== "Z" && triesLeft > 0; triesLeft--) {
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      assert.equal(state(), "Z");
      assert.equal(isAlive(pid), false);
    } finally {
      parent.kill("SIGKILL");
    }
  });
});
