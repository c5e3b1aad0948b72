// A file that is read for an input ends at its bound, whatever it is: a pipe's size is not known beforehand.
import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { Readable } from "node:stream";
import { after, describe, it } from "node:test";
import { root } from "../support/sources.ts";
import { attempt, inChild } from "./support/child.ts";

const module = `${attempt}
import { readFile } from "./apps/cli/src/support/read-file.ts";
`;
const MIB = 1024 * 1024;

/** More than any heap here holds. */
function endless(): Readable {
  const chunk = Buffer.alloc(64 * 1024);
  return new Readable({
    read() {
      this.push(chunk);
    },
  });
}

describe("an input from a pipe", () => {
  const folder = mkdtempSync(join(tmpdir(), "p8e-cases-"));
  after(() => rmSync(folder, { recursive: true, force: true }));

  it("is refused one byte above its bound, and no more is read of it", async () => {
    const code = `${module}await attempt(async () => (await readFile("-", { bytesMax: ${16 * MIB} })).length);
      console.log(process.memoryUsage.rss() < ${400 * MIB});`;
    const { stdout, code: exit, stderr } = await inChild(code, { input: endless() });
    assert.equal(exit, 0, stderr);
    assert.equal(stdout, `input.too_large {"file":"-","limit":${16 * MIB}}\ntrue\n`);
  });

  it("is read whole at its bound", async () => {
    for (const [sizeBytes, said] of [
      [1000, "value 1000\n"],
      [1001, 'input.too_large {"file":"-","limit":1000}\n'],
    ] as const) {
      const input = Readable.from([Buffer.alloc(sizeBytes)]);
      const code = `${module}await attempt(async () => (await readFile("-", { bytesMax: 1000 })).length);`;
      assert.equal((await inChild(code, { input })).stdout, said);
    }
  });

  it("may come out of a named pipe, whose writer is waited for, and is bounded there too", async () => {
    const pipe = join(folder, "pipe");
    execFileSync("mkfifo", [pipe]);
    const reading = (signal: string) =>
      `${module}await attempt(async () => (await readFile(${JSON.stringify(pipe)}, { bytesMax: 1000, ${signal} })).length);`;
    for (const [sizeBytes, said] of [
      ["1000", "value 1000\n"],
      ["1001", `input.too_large ${JSON.stringify({ file: pipe, limit: 1000 })}\n`],
    ] as const) {
      const ended = inChild(reading(""));
      const writer = spawn("sh", ["-c", 'head -c "$1" /dev/zero >"$2"', "sh", sizeBytes, pipe], { stdio: "ignore" });
      assert.equal((await ended).stdout, said);
      writer.kill("SIGKILL");
    }
    // Waiting can be given up.
    assert.equal((await inChild(reading("signal: AbortSignal.abort()"))).stdout, "rpc.cancelled {}\n");
    for (const moment of ["queueMicrotask", "setImmediate", "(abort) => setTimeout(abort, 50)"]) {
      const soon = `signal: (() => { const c = new AbortController(); (${moment})(() => c.abort()); return c.signal; })()`;
      assert.equal((await inChild(reading(soon))).stdout, "rpc.cancelled {}\n", moment);
    }
  });

  it("may come out of a pipe between two programs", () => {
    for (const [sizeBytes, said] of [
      ["1000", "value 1000\n"],
      ["1001", `input.too_large {"file":"/dev/stdin","limit":1000}\n`],
    ] as const) {
      const reading = `${module}await attempt(async () => (await readFile("/dev/stdin", { bytesMax: 1000 })).length);`;
      const line = 'head -c "$1" /dev/zero | "$2" --input-type=module -e "$3"';
      const printed = execFileSync("sh", ["-c", line, "sh", sizeBytes, process.execPath, reading], { cwd: root });
      assert.equal(printed.toString(), said);
    }
  });

  it("is no folder and no device", async () => {
    for (const file of [folder, "/dev/zero"]) {
      const { stdout } = await inChild(
        `${module}await attempt(() => readFile(${JSON.stringify(file)}, { bytesMax: 10 }));`,
      );
      assert.equal(stdout, `input.invalid ${JSON.stringify({ file })}\n`);
    }
  });

  it("is bounded where a regular file is larger", async () => {
    const file = join(folder, "file");
    for (const [sizeBytes, said] of [
      [10, "value 10\n"],
      [11, `input.too_large ${JSON.stringify({ file, limit: 10 })}\n`],
    ] as const) {
      writeFileSync(file, Buffer.alloc(sizeBytes));
      const { stdout } = await inChild(
        `${module}await attempt(async () => (await readFile(${JSON.stringify(file)}, { bytesMax: 10 })).length);`,
      );
      assert.equal(stdout, said);
    }
  });
});
