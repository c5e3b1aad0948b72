import { P8eError } from "@p8e/core";

/** One broken rule for contracts, or one warning. */
export interface Fault {
  /** A stable name in kebab case; docs/protocol/contract-bundle.md lists them. */
  readonly rule: string;
  /** What is at fault: a function, a record, a type, the bundle. */
  readonly where: string;
  /** A predicate that reads on from `where`. */
  readonly message: string;
  /** Of something that the sandbox lacks: its name, and the source file and line that use it. */
  readonly place?: { readonly file: string; readonly line: number; readonly name: string };
}

/** A fault as a sentence, with its rule in brackets. */
export function faultText(fault: Fault): string {
  return `${fault.where} ${fault.message} (${fault.rule})`;
}

/**
 * One error for all faults; `facts.rules` and `facts.faults` run in parallel. `facts.file`, `line` and `name` are of the
 * first that has a place.
 */
export function contractInvalid(subject: string, faults: readonly Fault[]): P8eError {
  const first = faults[0] === undefined ? "" : `: ${faultText(faults[0])}`;
  const more = faults.length > 1 ? `, and ${faults.length - 1} more` : "";
  const placed = faults.find((fault) => fault.place !== undefined);
  return new P8eError(
    "contract.invalid",
    `${subject} breaks ${faults.length} rule${faults.length === 1 ? "" : "s"}${first}${more}`,
    {
      facts: { rules: faults.map((fault) => fault.rule), faults: faults.map(faultText), ...placed?.place },
      ...(placed?.place === undefined ? {} : { hint: placeHint(placed.rule, placed.place.name) }),
    },
  );
}

function placeHint(rule: string, name: string): string {
  if (rule === "sandbox-reach") {
    return `Do without ${name}, or use it only where it is there; --allow ${name} lets it pass, and fails where the contract gets there.`;
  }
  return `Do without ${name}, or use it only where typeof ${name} is not "undefined"; if no function ever gets there, --allow ${name}.`;
}
