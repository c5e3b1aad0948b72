import assert from "node:assert/strict";
import { test } from "node:test";
import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { tryContract } from "@p8e/contract/testing";
import contract from "../src/contract.ts";
import { AppraisalSchema } from "../src/gen/appraisal/v1/appraisal_pb.ts";

const sound = { loanNumber: "L-1", valueCents: 41_500_000n, currency: "USD", appraiser: "Ada Appraisals" };

/** What the contract writes for an appraisal that differs from a sound one in this. */
function record(changes: MessageInitShape<typeof AppraisalSchema> = {}) {
  const appraisal = create(AppraisalSchema, { ...sound, ...changes });
  return tryContract(contract, {
    inputs: { appraisal },
    startedAt: { $typeName: "google.protobuf.Timestamp", seconds: 0n, nanos: 0 },
  });
}

test("a sound appraisal becomes the record", () => {
  assert.deepEqual(record().get("appraisal"), create(AppraisalSchema, sound));
});

for (const [rule, changes] of Object.entries({
  "value-positive": { valueCents: 0n },
  "currency-code": { currency: "dollars" },
  "appraiser-given": { appraiser: " " },
})) {
  test(`an appraisal is refused by ${rule}`, () => {
    assert.throws(() => record(changes), { rule });
  });
}
