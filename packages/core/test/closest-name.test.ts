import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { closestName } from "../src/closest-name.ts";

const parties = ["lender", "bank", "validator", "servicer", "investor"];

describe("the closest name", () => {
  it("is the one that differs by a few letters, whatever their case", () => {
    for (const [given, meant] of [
      ["lendr", "lender"],
      ["ledner", "lender"],
      ["Bank", "bank"],
      ["bnak", "bank"],
      ["servicers", "servicer"],
      ["vallidator", "validator"],
    ] as const) {
      assert.equal(closestName(given, parties), meant);
    }
  });

  it("is none where nothing is near, or two are", () => {
    for (const given of ["", "nobody", "originator", "x".repeat(100_000)]) {
      assert.equal(closestName(given, parties), undefined, given.slice(0, 20));
    }
    assert.equal(closestName("banc", ["bank", "band"]), undefined);
    assert.equal(closestName("a", ["b"]), undefined);
  });

  it("is the name itself where it is one of them", () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[a-z]{4,30}$/), (name) => {
        assert.equal(closestName(name, [name]), name);
      }),
    );
  });
});
