import { clone, toBinary } from "@bufbuild/protobuf";
import { equalBytes, P8eError } from "@p8e/core";
import { decodeMessage } from "@p8e/decoding";
import * as scope from "@p8e/proto/scope";

/**
 * Whether two parties executed a contract alike: whether their contracts with results are the same bytes. Those of the
 * other party have been read as evidence before.
 *
 * @throws P8eError `contract.metering_differs` with the functions, if the two differ in fuel alone
 */
export function sameExecution(ours: Uint8Array, theirs: Uint8Array): boolean {
  if (equalBytes(ours, theirs)) return true;
  const own = decodeMessage(scope.ContractSchema, ours, { what: "the contract" });
  const other = decodeMessage(scope.ContractSchema, theirs, { what: "the other party's contract" });
  if (!equalBytes(unmetered(own), unmetered(other))) return false;
  const functions = own.considerations
    .filter((each, index) => each.result?.fuel !== other.considerations[index]?.result?.fuel)
    .map((each) => each.considerationName);
  throw new P8eError("contract.metering_differs", "metering differs: the parties agree on all but fuel", {
    facts: { functions },
    hint: "One party runs another version of p8e, or a broken one.",
  });
}

/** The contract's bytes without what its functions were charged. */
function unmetered(contract: scope.Contract): Uint8Array {
  const copy = clone(scope.ContractSchema, contract);
  for (const { result } of copy.considerations) {
    if (result !== undefined) result.fuel = 0n;
  }
  return toBinary(scope.ContractSchema, copy);
}
