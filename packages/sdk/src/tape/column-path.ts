import { P8eError } from "@p8e/core";
import type { JsonNode } from "@p8e/decoding";

/** Where a column's values go: an input of the contract, and a way into its JSON by names and places in lists. */
export interface ColumnPath {
  readonly input: string;
  readonly steps: readonly (string | number)[];
}

const STEPS_MAX = 50;
const PLACE_MAX = 999;
const STEP = /^([^.[\]]{1,200})((?:\[\d{1,3}\])*)$/;

/**
 * A path such as `asset.kv.loan.terms.fees[0].amount.value`: the input's name, then field names, keys of maps and places in
 * lists. A key with a dot or a bracket in it cannot be named so.
 * @throws `input.invalid`
 */
export function parseColumnPath(text: string): ColumnPath {
  const steps: (string | number)[] = [];
  for (const part of text.split(".", STEPS_MAX + 1)) {
    const found = STEP.exec(part);
    if (found === null || steps.length >= STEPS_MAX) {
      throw new P8eError("input.invalid", "a path of columns is INPUT.FIELD.FIELD, with [N] behind a list", {
        facts: { path: text.slice(0, 200) },
      });
    }
    steps.push(found[1]!);
    for (const [, place] of found[2]!.matchAll(/\[(\d+)\]/g)) steps.push(Number(place));
  }
  const [input, ...rest] = steps;
  return { input: String(input), steps: rest };
}

/**
 * The JSON with a value in the path's place, which takes that of what was there. Places of lists are taken in order.
 * @throws `input.invalid` when the path goes through something else than objects and lists, or leaves places out
 */
export function withValue(node: JsonNode | undefined, steps: readonly (string | number)[], value: JsonNode): JsonNode {
  const [step, ...rest] = steps;
  if (step === undefined) return value;
  const at = node === undefined || node.kind === "null" ? undefined : node;
  if (typeof step === "string") {
    if (at !== undefined && at.kind !== "object") throw otherwise(step, "an object");
    const fields = new Map(at?.fields);
    fields.set(step, withValue(fields.get(step), rest, value));
    return { kind: "object", fields };
  }
  if (at !== undefined && at.kind !== "array") throw otherwise(`[${step}]`, "a list");
  const items = [...(at?.items ?? [])];
  if (step > items.length || step > PLACE_MAX) {
    throw new P8eError("input.invalid", `a list has ${items.length} elements before the place [${step}]`, {
      facts: { place: step, elements: items.length },
      hint: "Columns of earlier places must come first, and must not be empty.",
    });
  }
  items[step] = withValue(items[step], rest, value);
  return { kind: "array", items };
}

function otherwise(step: string, what: string): P8eError {
  return new P8eError("input.invalid", `what is before ${step} is not ${what}`, { facts: { step } });
}
