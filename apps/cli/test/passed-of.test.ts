import assert from "node:assert/strict";
import { it } from "node:test";
import { passedOf } from "../src/support/passed-of.ts";

it("functions that were skipped are not told as run", () => {
  const [ran, skipped] = [{ outcome: "PASS" }, { outcome: "SKIP" }] as const;
  assert.equal(passedOf({ results: [ran, skipped, ran] }), 2);
  assert.equal(passedOf({ results: [skipped] }), 0);
});
