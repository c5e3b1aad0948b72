import { describe, it } from "node:test";
import { killRound } from "./support/kill-round.ts";
import { ProcessHarness } from "./support/process-harness.ts";

describe("a store that is killed under load, at more moments", () => {
  const harness = new ProcessHarness();

  for (const seed of [2, 3]) {
    it(`has lost nothing that it acknowledged and keeps nothing in part (seed ${seed})`, async () => {
      await killRound(harness, seed);
    });
  }
});
