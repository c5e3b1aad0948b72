import assert from "node:assert/strict";
import { it } from "node:test";
import { create, toBinary } from "@bufbuild/protobuf";
import { sameExecution } from "@p8e/engine";
import * as scope from "@p8e/proto/scope";

function executed(fuel: readonly bigint[], hash = "aGFzaA=="): Uint8Array {
  const considerations = fuel.map((units, index) => ({
    considerationName: `function${index}`,
    result: { output: { name: "record", hash }, result: scope.ExecutionResult_Result.PASS, fuel: units },
  }));
  return toBinary(scope.ContractSchema, create(scope.ContractSchema, { considerations }));
}

it("executions are the same if their bytes are, and are told apart from those that differ in fuel alone", () => {
  assert.equal(sameExecution(executed([1n, 2n]), executed([1n, 2n])), true);
  assert.equal(sameExecution(executed([1n, 2n]), executed([1n, 2n], "b3RoZXI=")), false);
  assert.equal(sameExecution(executed([1n, 2n]), executed([1n, 3n], "b3RoZXI=")), false);
  assert.throws(() => sameExecution(executed([1n, 2n, 3n]), executed([1n, 9n, 4n])), {
    code: "contract.metering_differs",
    message: "metering differs: the parties agree on all but fuel",
    facts: { functions: ["function1", "function2"] },
  });
});
