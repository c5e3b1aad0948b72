// What Prometheus' own tool says of the alert rules, and of what a store tells.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { newHash, newParties, TestStore } from "@p8e/testkit";
import { LocalHarness } from "./support/harness.ts";

const rules = fileURLToPath(new URL("../../../docs/monitoring/p8e-store.rules.yml", import.meta.url));
const there = spawnSync("promtool", ["--version"]).status === 0;
if (!there && process.env.P8E_REQUIRE_PEERS) throw new Error("promtool, of Debian's prometheus, is not installed");
if (!there) process.stdout.write("skipped: metrics and alert rules before promtool (not installed)\n");

if (there) {
  describe("promtool", () => {
    const harness = new LocalHarness();
    const promtool = (args: readonly string[], input = "") => {
      const { status, stdout, stderr } = spawnSync("promtool", args, { input, encoding: "utf8" });
      return { status, says: `${stdout}${stderr}` };
    };

    it("takes the alert rules", () => {
      const { status, says } = promtool(["check", "rules", rules]);
      assert.equal(status, 0, says);
    });

    it("has nothing against a store's metrics", async () => {
      await using store = await TestStore.open(harness, { P8E_STORE_ADMIN: "0" });
      const [owner, reader] = newParties(2);
      await store.client.addKey(reader!, { url: "tcp://127.0.0.1:1" });
      await store.client.put({ audience: [owner!, reader!] }, { hash: newHash() });
      const text = await (await fetch(`http://127.0.0.1:${store.store.adminPort}/metrics`)).text();
      assert.deepEqual(promtool(["check", "metrics"], text), { status: 0, says: "" });
    });
  });
}
