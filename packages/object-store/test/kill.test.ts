import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { killRound } from "./support/kill-round.ts";
import { ProcessHarness } from "./support/process-harness.ts";

describe("a store that is killed under load", () => {
  const harness = new ProcessHarness();
  const fresh = Math.floor(Math.random() * 2 ** 31);

  for (const seed of [1, fresh]) {
    it(`has lost nothing that it acknowledged and keeps nothing in part (seed ${seed})`, async (t) => {
      const { acknowledged } = await killRound(harness, seed);
      t.diagnostic(`${acknowledged} acknowledged`);
      assert.ok(acknowledged > 0);
    });
  }
});
