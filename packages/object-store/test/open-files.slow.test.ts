import assert from "node:assert/strict";
import { existsSync, readdirSync, readlinkSync } from "node:fs";
import { describe, it } from "node:test";
import { eventually, newHash, newParties, patternBytes, TestStore } from "@p8e/testkit";
import { LocalHarness } from "./support/harness.ts";

/** Files below a folder that this process holds open. */
function openFiles(folder: string): string[] {
  return readdirSync("/proc/self/fd").flatMap((fd) => {
    try {
      const path = readlinkSync(`/proc/self/fd/${fd}`);
      return path.startsWith(folder) ? [path] : [];
    } catch {
      return []; // closed in between
    }
  });
}

describe("an object's file", () => {
  const reasons: string[] = [];
  const harness = new LocalHarness({ log: (_level, event) => reasons.push(event) });

  it("does not stay open when the peer it should go to is away", async (t) => {
    if (!existsSync("/proc/self/fd")) return t.skip("this system does not tell which files a process has open");
    await using store = await TestStore.open(harness);
    const [owner, reader] = newParties(2);
    await store.client.addKey(reader!, { url: "tcp://127.0.0.1:1" });
    const payload = patternBytes(100_000);
    await store.client.put({ audience: [owner!, reader!], payload }, { hash: newHash() });
    await eventually(
      "the failure is noticed",
      async () => reasons.includes("a peer cannot be reached"),
      (noticed) => noticed,
      { limitMs: 30_000 },
    );
    assert.deepEqual(openFiles(store.folder), []);
  });
});
