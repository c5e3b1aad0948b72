import { isRole } from "@p8e/core";
import type { ContractDescription, DescribedFunction } from "./contract-description.ts";
import type { Fault } from "./fault.ts";

/** The ledger's limits, and the one alphabet on which every implementation agrees about case and trimming. */
const NAME = /^[A-Za-z0-9._-]{1,200}$/;
const CLASS_NAME = /^[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*)*$/;
const CLASS_NAME_LENGTH_MAX = 1000;
const SIMPLE_NAME_LENGTH_MAX = 200;

/**
 * The rules for contracts that need no more than the contract's own description; all faults at once, in a fixed order.
 * The compiler holds some of them too, but a description may come from anybody.
 */
export function checkContract(description: ContractDescription): readonly Fault[] {
  return [
    ...checkHead(description),
    ...checkRecords(description),
    ...checkFunctionNames(description.functions),
    ...description.functions.flatMap((one) => checkFunction(one, description)),
    ...checkInputTypes(description.functions),
  ];
}

function checkHead({ className, scopes, participants, functions }: ContractDescription): Fault[] {
  const faults: Fault[] = [];
  const add = (rule: string, message: string) => faults.push({ rule, where: "the contract", message });
  const simple = className.slice(className.lastIndexOf(".") + 1);
  if (
    !CLASS_NAME.test(className) ||
    className.length > CLASS_NAME_LENGTH_MAX ||
    simple.length > SIMPLE_NAME_LENGTH_MAX
  ) {
    add(
      "class-name",
      `has the class name ${shown(className)}; it must be dotted identifiers, such as example.RecordLoan`,
    );
  }
  if (scopes.length === 0) add("scope-named", "names no scope specification");
  for (const scope of scopes) {
    if (!isName(scope)) add("names", `names the scope specification ${shown(scope)}; ${ALPHABET}`);
  }
  for (const scope of repeated(scopes)) add("scopes-distinct", `names the scope specification ${shown(scope)} twice`);
  if (participants.length === 0) add("participant-present", "has no participant");
  for (const role of participants) {
    if (!isRole(role)) add("participants-known", `has the participant ${shown(role)}, which is no role`);
  }
  for (const role of repeated(participants)) add("participants-distinct", `has the participant ${shown(role)} twice`);
  if (functions.length === 0) add("function-present", "has no function");
  return faults;
}

function checkRecords({ records }: ContractDescription): Fault[] {
  return checkNames(
    "record",
    records.map((record) => record.name),
  );
}

function checkFunctionNames(functions: readonly DescribedFunction[]): Fault[] {
  const names = functions.map((one) => one.name);
  const written = functions.map((one) => one.writes);
  return [...checkNames("function", names), ...checkNames("output record", written)];
}

function checkFunction(one: DescribedFunction, { participants, records }: ContractDescription): Fault[] {
  const faults: Fault[] = [];
  const add = (rule: string, message: string) => faults.push({ rule, where: `function ${shown(one.name)}`, message });
  if (!participants.includes(one.invokedBy)) {
    add("invoked-by-participant", `is invoked by ${shown(one.invokedBy)}, which is no participant`);
  }
  const optional = new Map(records.map((record) => [record.name, record.optional]));
  for (const name of one.lineage) {
    if (optional.get(name) !== false)
      add("lineage-required", `has ${shown(name)} as lineage, which is no required record`);
  }
  if (one.skipIfExists !== undefined && optional.get(one.skipIfExists) !== true) {
    add("skip-optional", `is skipped if ${shown(one.skipIfExists)} exists, which is no optional record`);
  }
  // The ledger lists inputs and lineage of a function in one list of names.
  const inputs = [...one.inputs.map((input) => input.name), ...one.lineage];
  for (const name of inputs) if (!isName(name)) add("names", `has the input ${shown(name)}; ${ALPHABET}`);
  for (const name of repeated(inputs)) add("inputs-distinct", `has the input ${shown(name)} twice, regardless of case`);
  return faults;
}

/** One proposal feeds every input of its name, so all must want the same type; and spellings may not differ by case. */
function checkInputTypes(functions: readonly DescribedFunction[]): Fault[] {
  const seen = new Map<string, { name: string; typeName: string; by: string }>();
  const faults: Fault[] = [];
  for (const one of functions) {
    for (const { name, typeName } of one.inputs) {
      const other = seen.get(name.toLowerCase());
      if (other === undefined) seen.set(name.toLowerCase(), { name, typeName, by: one.name });
      else if (other.name !== name || other.typeName !== typeName) {
        const message = `is a ${typeName} in ${shown(one.name)}, but ${shown(other.by)} has ${shown(other.name)} as a ${other.typeName}`;
        faults.push({ rule: "input-types-agree", where: `input ${shown(name)}`, message });
      }
    }
  }
  return faults;
}

function checkNames(kind: string, names: readonly string[]): Fault[] {
  const faults: Fault[] = [];
  for (const name of names) {
    if (!isName(name))
      faults.push({ rule: "names", where: `${kind} ${shown(name)}`, message: `is badly named; ${ALPHABET}` });
  }
  for (const name of repeated(names)) {
    faults.push({
      rule: "names-distinct",
      where: `${kind} ${shown(name)}`,
      message: "is there twice, regardless of case",
    });
  }
  return faults;
}

const ALPHABET = "names have 1 to 200 of the characters A-Z a-z 0-9 . _ -";

/** `__proto__` is spelled with legal characters, but is no ordinary key of a JavaScript object. */
export function isName(text: string): boolean {
  return NAME.test(text) && text !== "__proto__";
}

function repeated(names: readonly string[]): string[] {
  const seen = new Set<string>();
  return names.filter((name) => {
    const key = name.toLowerCase();
    if (seen.has(key)) return true;
    seen.add(key);
    return false;
  });
}

function shown(name: string): string {
  const short = name.length > 100 ? `${name.slice(0, 100)}...` : name;
  return isName(short) ? short : JSON.stringify(short);
}
