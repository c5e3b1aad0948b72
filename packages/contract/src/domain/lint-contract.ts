import { type DescField, type DescMessage, ScalarType } from "@bufbuild/protobuf";
import type { ContractDescription } from "./contract-description.ts";
import type { ContractTypes } from "./contract-types.ts";
import type { Fault } from "./fault.ts";

/** What can make two implementations serialize the same value differently. */
const rules = {
  "output-map": "holds a map, whose order other implementations may write differently",
  "output-float": "holds a floating-point number, whose arithmetic may differ elsewhere",
  "output-any": "holds a google.protobuf.Any, whose content this contract does not pin",
} as const;

type LintRule = keyof typeof rules;

const PATHS_SHOWN = 5;

/** Warnings about the types that functions write; they stop no one. One for each function and rule, naming the fields. */
export function lintContract(description: ContractDescription, types: ContractTypes): readonly Fault[] {
  return description.functions.flatMap((one) => {
    const found = new Map<LintRule, string[]>();
    walk(types.message(one.typeName), one.writes, (rule, path) => {
      const paths = found.get(rule);
      if (paths === undefined) found.set(rule, [path]);
      else paths.push(path);
    });
    return [...found].map(([rule, paths]) => {
      const more = paths.length > PATHS_SHOWN ? ` and ${paths.length - PATHS_SHOWN} more` : "";
      const message = `${rules[rule]}: ${paths.slice(0, PATHS_SHOWN).join(", ")}${more}`;
      return { rule, where: `output of ${one.name}`, message };
    });
  });
}

/** In the order of the declarations, each type where it is met first: types may be recursive, and lead to many others. */
function walk(type: DescMessage, name: string, report: (rule: LintRule, path: string) => void): void {
  const visited = new Set([type]);
  const open = [{ fields: type.fields.values(), path: name }];
  while (open.length > 0) {
    const { fields, path } = open.at(-1)!;
    const next = fields.next();
    if (next.done) {
      open.pop();
      continue;
    }
    const field = next.value;
    const at = `${path}.${field.name}`;
    if (field.fieldKind === "map") report("output-map", at);
    if (isFloat(field)) report("output-float", at);
    const inner = field.message;
    if (inner?.typeName === "google.protobuf.Any") report("output-any", at);
    else if (inner !== undefined && !visited.has(inner)) {
      visited.add(inner);
      open.push({ fields: inner.fields.values(), path: at });
    }
  }
}

function isFloat(field: DescField): boolean {
  return field.scalar === ScalarType.DOUBLE || field.scalar === ScalarType.FLOAT;
}
