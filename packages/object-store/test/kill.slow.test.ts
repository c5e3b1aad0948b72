import assert from "node:assert/strict";
import { randomInt } from "node:crypto";
import { describe, it } from "node:test";
import { killRound } from "./support/kill-round.ts";
import { ProcessHarness } from "./support/process-harness.ts";

describe("a store that is killed under load", () => {
  const harness = new ProcessHarness();

  for (const seed of [1, 2, 3, randomInt(2 ** 31)]) {
    it(`has lost nothing that it acknowledged and keeps nothing in part (seed ${seed})`, async (t) => {
      const { acknowledged } = await killRound(harness, seed);
      t.diagnostic(`${acknowledged} acknowledged`);
      assert.ok(acknowledged > 0);
    });
  }
});
