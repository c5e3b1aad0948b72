import assert from "node:assert/strict";
import { it } from "node:test";
import { ledgerConformanceCases, PLANNED_CASES, uncoveredCases } from "@p8e/testkit";

it("every planned case of the ledger is run once, or listed with the reason why not", () => {
  const run = ledgerConformanceCases.map(({ number }) => number);
  const listed = Object.keys(uncoveredCases).map(Number);
  const planned = Array.from({ length: PLANNED_CASES }, (_, index) => index + 1);
  assert.deepEqual(
    [...run, ...listed].sort((left, right) => left - right),
    planned,
  );
});
