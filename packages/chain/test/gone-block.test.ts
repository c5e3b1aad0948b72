import assert from "node:assert/strict";
import { it } from "node:test";
import { P8eError } from "@p8e/core";
import { goneBlock, isGoneBlock } from "../src/endpoint/gone-block.ts";

it("a block that a node keeps no more is known by the node's own words, wrapped or not", () => {
  const words = "height 5 is not available, lowest height is 1201";
  for (const message of [words, `rpc error: code = Unknown desc = ${words}`]) {
    assert.equal(isGoneBlock(new P8eError("ledger.unavailable", message)), true);
  }
  for (const message of ["height 9 must be less than or equal to the current blockchain height 8", "unavailable"]) {
    assert.equal(isGoneBlock(new P8eError("ledger.unavailable", message)), false);
  }
  assert.equal(isGoneBlock(new Error(words)), false);
  const told = goneBlock(5n, new Error(words));
  assert.deepEqual([told.code, told.facts["height"]], ["ledger.not_found", 5n]);
});
