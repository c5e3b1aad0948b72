import assert from "node:assert/strict";
import { test } from "node:test";
import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { sandboxedContract, tryContract } from "@p8e/contract/testing";
import { openSandbox } from "@p8e/engine";
import contract from "../src/contract.ts";
import { AppraisalSchema } from "../src/gen/appraisal/v1/appraisal_pb.ts";

/** An appraisal that differs from a sound one in this. */
function appraisal(changes: MessageInitShape<typeof AppraisalSchema> = {}) {
  const sound = { loanNumber: "L-1", valueCents: 41_500_000n, currency: "USD", appraiser: "Ada Appraisals" };
  return create(AppraisalSchema, { ...sound, ...changes });
}

test("a sound appraisal becomes the record", () => {
  const records = tryContract(contract, { inputs: { appraisal: appraisal() } });
  assert.deepEqual(records.get("appraisal"), appraisal());
});

for (const [rule, changes] of Object.entries({
  "value-positive": { valueCents: 0n },
  "currency-code": { currency: "dollars" },
  "appraiser-given": { appraiser: " " },
})) {
  test(`an appraisal is refused by ${rule}`, () => {
    assert.throws(() => tryContract(contract, { inputs: { appraisal: appraisal(changes) } }), { rule });
  });
}

test("it is the same in the sandbox that parties run it in", async () => {
  await using sandbox = openSandbox();
  const sandboxed = await sandboxedContract(sandbox, new URL("../src/contract.ts", import.meta.url), contract);
  const records = await sandboxed.run({ inputs: { appraisal: appraisal() } });
  assert.deepEqual(records.get("appraisal"), appraisal());
});
