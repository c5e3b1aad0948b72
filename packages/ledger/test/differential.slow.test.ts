import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { optionalProvenanced, startProvenanced } from "@p8e/testkit";
import { assertSame, compareWithNode, seedOr } from "./differential.ts";

/** Always the same here; `npm run soak -- differential` takes new ones, and P8E_SEED names one for both. */
const SEED = 20_261;

await optionalProvenanced("the comparison of the embedded ledger with a real node", (found) =>
  describe("generated messages and queries", () => {
    it("are answered as by a real node, but for what the page of differences lists", async (t) => {
      await using node = await startProvenanced(found);
      const seed = seedOr(SEED);
      t.diagnostic(`P8E_SEED=${seed}`);
      const comparison = await compareWithNode(node, { seed, lanes: 6, steps: 100 });
      const { compared, left, accepted } = comparison;
      t.diagnostic(`${compared} steps compared, ${accepted.length} differ as the page says, ${left} left out`);
      assertSame(comparison);
      assert.ok(compared > left, "accepted differences leave most of it out");
    });
  }),
);
