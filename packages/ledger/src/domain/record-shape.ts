import { equalBytes } from "@p8e/core";
import * as metadata from "@p8e/proto/metadata";
import { metadataText } from "./addresses.ts";
import type { Branch } from "./ledger-state.ts";
import { findRecord } from "./metadata-store.ts";
import { plainRefusal } from "./refusal.ts";

/**
 * Whether a record has the inputs and outputs its specification asks for. Values given by hash are not compared with
 * the specification's: only a record given as input must be the one specified.
 */
export function checkRecordShape(
  branch: Branch,
  record: metadata.Record,
  specification: metadata.RecordSpecification,
): void {
  const given = record.inputs.map(({ name }) => name);
  const twice = given.find((name, index) => given.indexOf(name) !== index);
  if (twice !== undefined) throw plainRefusal(`input name ${twice} provided twice`);
  const wanted = specification.inputs.map(({ name }) => name);
  const missing = wanted.filter((name) => !given.includes(name));
  if (missing.length > 0) throw plainRefusal(`missing input${plural(missing)} [${missing.join(" ")}]`);
  const extra = given.filter((name) => !wanted.includes(name));
  if (extra.length > 0) throw plainRefusal(`extra input${plural(extra)} [${extra.join(" ")}]`);
  for (const input of record.inputs) {
    const expected = specification.inputs.findLast(({ name }) => name === input.name);
    if (expected !== undefined) checkInput(branch, input, expected);
  }
  const count = record.outputs.length;
  if (specification.resultType === metadata.DefinitionType.RECORD && count !== 1) {
    throw plainRefusal(`invalid output count (expected: 1, got: ${count})`);
  }
  if (specification.resultType === metadata.DefinitionType.RECORD_LIST && count === 0) {
    throw plainRefusal("invalid output count (expected > 0, got: 0)");
  }
}

function plural(items: readonly unknown[]): string {
  return items.length === 1 ? "" : "s";
}

function checkInput(branch: Branch, input: metadata.RecordInput, expected: metadata.InputSpecification): void {
  if (input.typeName !== expected.typeName) {
    throw plainRefusal(`input ${input.name} has TypeName ${input.typeName} but spec calls for ${expected.typeName}`);
  }
  const { source } = input;
  if (source.case === "recordId" && findRecord(branch, source.value) === undefined) {
    throw plainRefusal(`input ${input.name} source record id ${metadataText(source.value)} not found`);
  }
  if (source.case !== expected.source.case) {
    throw plainRefusal(
      `input ${input.name} has source type ${sourceType(source.case)} but spec calls for ${sourceType(expected.source.case)}`,
    );
  }
  if (source.case === "recordId" && expected.source.case === "recordId") {
    if (!equalBytes(source.value, expected.source.value)) {
      throw plainRefusal(
        `input ${input.name} has source value ${metadataText(source.value)} but spec calls for ${metadataText(expected.source.value)}`,
      );
    }
  }
}

function sourceType(source: "recordId" | "hash" | undefined): string {
  return source === "recordId" ? "record" : (source ?? "unknown");
}
