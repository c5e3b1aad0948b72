import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { newHash, newParties, probePort, TestStore } from "@p8e/testkit";
import { LocalHarness } from "./support/harness.ts";

const logged: string[] = [];
const harness = new LocalHarness({
  log: (level, event, facts) => {
    if (level === "error" || level === "warn") logged.push(`${level} ${event} ${JSON.stringify(facts)}`);
  },
});

describe("1,000 probes of a store's port", () => {
  it("are no errors in its log, and it answers after them", async () => {
    await using store = await TestStore.open(harness);
    const [owner] = newParties(1);
    await probePort(store.store.host, store.store.port, 1000);
    const hash = newHash();
    await store.client.put({ audience: [owner!] }, { hash });
    assert.equal((await store.client.get(hash, owner!)).messages.length > 0, true);
    assert.deepEqual(logged, []);
  });
});
