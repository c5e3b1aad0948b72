import { randomInt } from "node:crypto";
import { describe, it } from "node:test";
import { optionalProvenanced, startProvenanced } from "@p8e/testkit";
import { assertSame, compareWithNode, seedOr } from "./differential.ts";

/** As many as `P8E_ROUNDS` says, each with a seed of its own, the first with the one that `P8E_SEED` names. */
const ROUNDS = Number(process.env["P8E_ROUNDS"] ?? "5");

await optionalProvenanced("the long comparison of the embedded ledger with a real node", (found) =>
  describe("generated messages and queries, from new seeds", () => {
    for (let round = 1; round <= ROUNDS; round++) {
      it(`are answered as by a real node, round ${round} of ${ROUNDS}`, async (t) => {
        await using node = await startProvenanced(found);
        const seed = round === 1 ? seedOr(randomInt(1, 1_000_000)) : randomInt(1, 1_000_000);
        t.diagnostic(`P8E_SEED=${seed}`);
        const comparison = await compareWithNode(node, { seed, lanes: 8, steps: 250 });
        const { compared, left, accepted } = comparison;
        t.diagnostic(`${compared} steps compared, ${accepted.length} differ as the page says, ${left} left out`);
        assertSame(comparison);
      });
    }
  }),
);
