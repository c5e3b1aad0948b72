import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { isWithin, parsePrice, priceText } from "../src/state/price.ts";

const nhash = (amount: bigint) => ({ denomination: "nhash", amount });
const musd = (amount: bigint) => ({ denomination: "musd", amount });

describe("a price as it is remembered", () => {
  it("is coins as Cosmos writes them, and read back", () => {
    for (const [amounts, text] of [
      [[], ""],
      [[nhash(66_000_000_000n)], "66000000000nhash"],
      [[musd(5n), nhash(2n ** 70n)], "5musd,1180591620717411303424nhash"],
      [[{ denomination: "ibc/AB12", amount: 0n }], "0ibc/AB12"],
    ] as const) {
      assert.equal(priceText(amounts), text);
      assert.deepEqual(parsePrice(text), amounts);
    }
  });

  it("is nothing else", () => {
    for (const text of ["nhash", "5", "-5nhash", "5nhash,", "5 nhash", "0x5nhash;drop"]) {
      assert.throws(() => parsePrice(text), { code: "state.corrupt" }, text);
    }
  });

  it("is a limit in every single coin", () => {
    const agreed = [nhash(10n), musd(5n)];
    assert.ok(isWithin(agreed, { amounts: [] }));
    assert.ok(isWithin(agreed, { amounts: [nhash(10n)] }));
    assert.ok(isWithin(agreed, { amounts: [musd(5n), nhash(1n)] }));
    assert.ok(!isWithin(agreed, { amounts: [nhash(11n)] }));
    assert.ok(!isWithin(agreed, { amounts: [nhash(1n), musd(6n)] }));
    assert.ok(!isWithin(agreed, { amounts: [{ denomination: "other", amount: 1n }] }));
    assert.ok(!isWithin([], { amounts: [nhash(1n)] }));
  });
});
