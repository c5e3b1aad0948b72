import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { FeeConversion } from "@p8e/chain";
import { feeMaxInNhash } from "@p8e/party";

const chain = (defined = "musd"): { feeConversion(): Promise<FeeConversion> } => ({
  feeConversion: async () => ({
    defined: { denomination: defined, amount: 25n },
    charged: { denomination: "nhash", amount: 1_000_000_000n },
  }),
});

describe("the most that a transaction may cost", () => {
  it("is said in dollars, by the node's conversion", async () => {
    assert.equal(await feeMaxInNhash("$25", chain()), 1_000_000_000_000n);
    assert.equal(await feeMaxInNhash("$1.65", chain()), 66_000_000_000n);
    assert.equal(await feeMaxInNhash("$0.005", chain()), 200_000_000n);
    assert.equal(await feeMaxInNhash("$0", chain()), 0n);
  });

  it("is said in nhash, whatever the node's prices are defined in", async () => {
    assert.equal(await feeMaxInNhash("2500000001nhash", chain("nhash")), 2_500_000_001n);
  });

  it("is nothing else", async () => {
    for (const text of ["", "25", "$", "$1.", "$1.2345", "$01", "-1nhash", "1 nhash", "25hash", "$1e3"]) {
      await assert.rejects(feeMaxInNhash(text, chain()), { code: "input.invalid" }, text);
    }
  });

  it("cannot be said in dollars where prices are defined otherwise", async () => {
    await assert.rejects(feeMaxInNhash("$25", chain("eurocents")), { code: "configuration.invalid" });
  });
});
