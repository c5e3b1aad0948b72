import type { DescField, DescMessage } from "@bufbuild/protobuf";
import type { ContractManifest, DescribedContract, ManifestFunction, ManifestType } from "./contract-manifest.ts";

/** Which scopes, of those that the contract before was run on, a change would break. */
export type ContractBreak =
  | { readonly kind: "every_scope" }
  | { readonly kind: "with_record"; readonly record: string }
  | { readonly kind: "without_record"; readonly record: string };

/** One thing in which two versions of a contract differ. */
export interface ContractChange {
  /** `the contract`, `function "recordLoan"`, `record "loan"`, `type example.Loan`. */
  readonly what: string;
  /** In words; goes on after `what`. */
  readonly says: string;
  /** Absent for a change that nobody else needs to know of. */
  readonly breaks?: ContractBreak;
}

/**
 * In what a contract differs from the version before it, and which scopes each change would break: a record that is
 * there is not read or written any more, or as another type; one that is missing is needed; other parties must sign;
 * whoever proposed the inputs must propose others. What the code does with them is not compared.
 */
export function compareContracts(before: DescribedContract, after: DescribedContract): readonly ContractChange[] {
  const changes = [
    ...compareParties(before.manifest, after.manifest),
    ...compareReads(before.manifest, after.manifest),
    ...compareFunctions(before.manifest, after.manifest),
    ...compareTypes(before, after),
  ];
  if (changes.length === 0 && before.manifest.bundle.hash !== after.manifest.bundle.hash) {
    return [{ what: "the contract", says: "has other code" }];
  }
  return changes;
}

const everyScope: ContractBreak = { kind: "every_scope" };

/** By their protobuf names; where these are the same, by what the ledger calls them too. */
function typesApart(now: ManifestType, old: ManifestType): readonly [string, string] {
  if (now.typeName !== old.typeName) return [now.typeName, old.typeName];
  return [`${now.typeName} (${now.className})`, `${old.typeName} (${old.className})`];
}

function compareParties(before: ContractManifest, after: ContractManifest): ContractChange[] {
  const [asked, wanted] = [new Set(before.participants), new Set(after.participants)];
  return [
    ...after.participants
      .filter((role) => !asked.has(role))
      .map((role) => ({ what: "the contract", says: `must be signed by the ${role} too`, breaks: everyScope })),
    ...before.participants
      .filter((role) => !wanted.has(role))
      .map((role) => ({ what: "the contract", says: `is not signed by the ${role} any more`, breaks: everyScope })),
  ];
}

function compareReads(before: ContractManifest, after: ContractManifest): ContractChange[] {
  const changes: ContractChange[] = [];
  const known = new Map(before.records.map((record) => [record.name, record]));
  for (const { name, optional, ...now } of after.records) {
    const what = `record "${name}"`;
    const old = known.get(name);
    known.delete(name);
    if (old !== undefined && old.className !== now.className) {
      const [type, former] = typesApart(now, old);
      const says = `is read as a ${type}, and was as a ${former}`;
      changes.push({ what, says, breaks: { kind: "with_record", record: name } });
    }
    if (!optional && old?.optional !== false) {
      changes.push({ what, says: "must be there", breaks: { kind: "without_record", record: name } });
    } else if (old === undefined) changes.push({ what, says: "is read if it is there" });
    else if (optional && !old.optional) changes.push({ what, says: "need not be there any more" });
  }
  for (const name of known.keys()) changes.push({ what: `record "${name}"`, says: "is not read any more" });
  return changes;
}

function compareFunctions(before: ContractManifest, after: ContractManifest): ContractChange[] {
  const changes: ContractChange[] = [];
  const known = new Map(before.functions.map((each) => [each.name, each]));
  for (const each of after.functions) {
    const old = known.get(each.name);
    known.delete(each.name);
    if (old === undefined)
      changes.push({ what: `function "${each.name}"`, says: `is new, and writes "${each.writes.name}"` });
    else changes.push(...compareFunction(old, each));
  }
  for (const name of known.keys()) changes.push({ what: `function "${name}"`, says: "is gone" });
  const written = new Map(after.functions.map(({ writes }) => [writes.name, writes]));
  for (const { writes } of before.functions) {
    const what = `record "${writes.name}"`;
    const breaks: ContractBreak = { kind: "with_record", record: writes.name };
    const now = written.get(writes.name);
    if (now === undefined) changes.push({ what, says: "is not written any more", breaks });
    else if (now.className !== writes.className) {
      const [type, former] = typesApart(now, writes);
      changes.push({ what, says: `is written as a ${type}, and was as a ${former}`, breaks });
    }
  }
  return changes;
}

function compareFunction(before: ManifestFunction, after: ManifestFunction): ContractChange[] {
  const changes: ContractChange[] = [];
  const what = `function "${after.name}"`;
  const known = new Map(before.inputs.map((input) => [input.name, input]));
  for (const { name, ...now } of after.inputs) {
    const old = known.get(name);
    known.delete(name);
    if (old === undefined) {
      changes.push({ what, says: `is passed over without the new input "${name}"`, breaks: everyScope });
    } else if (old.className !== now.className) {
      const [type, former] = typesApart(now, old);
      const says = `takes "${name}" as a ${type}, and did as a ${former}`;
      changes.push({ what, says, breaks: everyScope });
    }
  }
  for (const name of known.keys()) {
    changes.push({ what, says: `does not take the input "${name}" any more`, breaks: everyScope });
  }
  if (after.skipIfExists !== before.skipIfExists) {
    changes.push(
      after.skipIfExists === undefined
        ? { what, says: `runs also where there is a record "${before.skipIfExists}"` }
        : {
            ...{ what, says: `is passed over where there is a record "${after.skipIfExists}"` },
            breaks: { kind: "with_record", record: after.skipIfExists },
          },
    );
  }
  if (after.invokedBy !== before.invokedBy) changes.push({ what, says: `is the affair of the ${after.invokedBy}` });
  return changes;
}

/** Types that kept their names: what was written with the old ones must be read alike with the new. */
function compareTypes(before: DescribedContract, after: DescribedContract): ContractChange[] {
  const changes: ContractChange[] = [];
  const add = (typeName: string, breaks: ContractBreak) => {
    const found = compareMessages(before.types.message(typeName), after.types.message(typeName));
    for (const { where, says } of found) changes.push({ what: `type ${where}`, says, breaks });
  };
  for (const [record, typeName] of recordTypes(before.manifest)) {
    if (recordTypes(after.manifest).get(record) === typeName) add(typeName, { kind: "with_record", record });
  }
  for (const [input, typeName] of inputTypes(before.manifest)) {
    if (inputTypes(after.manifest).get(input) === typeName) add(typeName, everyScope);
  }
  // One change of a type that several records have is one change for each of them; for every scope it is one.
  const seen = new Set<string>();
  return changes.filter((each) => {
    const key = JSON.stringify(each);
    return !seen.has(key) && seen.add(key);
  });
}

function recordTypes({ records, functions }: ContractManifest): ReadonlyMap<string, string> {
  const read = records.map(({ name, typeName }) => [name, typeName] as const);
  return new Map([...read, ...functions.map(({ writes }) => [writes.name, writes.typeName] as const)]);
}

function inputTypes({ functions }: ContractManifest): ReadonlyMap<string, string> {
  return new Map(functions.flatMap(({ inputs }) => inputs.map(({ name, typeName }) => [name, typeName] as const)));
}

/** Fields that a reader with the new types does not read as they were written with the old ones. */
export function compareMessages(
  before: DescMessage,
  after: DescMessage,
): readonly { readonly where: string; readonly says: string }[] {
  const found: { where: string; says: string }[] = [];
  const seen = new Set<string>();
  const waiting: [DescMessage, DescMessage][] = [[before, after]];
  for (let pair = waiting.pop(); pair !== undefined; pair = waiting.pop()) {
    const [old, now] = pair;
    if (seen.has(old.typeName)) continue;
    seen.add(old.typeName);
    const byNumber = new Map(now.fields.map((field) => [field.number, field]));
    for (const field of old.fields) {
      const where = `${old.typeName}.${field.name}`;
      const same = byNumber.get(field.number);
      if (same === undefined) found.push({ where, says: `has no field ${field.number} any more` });
      else if (shapeOf(field) !== shapeOf(same)) {
        found.push({ where, says: `is ${shapeOf(same)}, and was ${shapeOf(field)}` });
      } else if (field.message !== undefined && same.message !== undefined) waiting.push([field.message, same.message]);
    }
  }
  return found;
}

/** What decides how a field's bytes are read. */
function shapeOf(field: DescField): string {
  const value = field.message?.typeName ?? field.enum?.typeName ?? scalars[field.scalar ?? 0] ?? "unknown";
  if (field.fieldKind === "map") return `a map of ${scalars[field.mapKey] ?? "unknown"} to ${value}`;
  return field.fieldKind === "list" ? `a list of ${value}` : value;
}

/** The names of protobuf's scalar types, by their numbers in descriptors. */
const scalars: readonly (string | undefined)[] = [
  ...[undefined, "double", "float", "int64", "uint64", "int32", "fixed64", "fixed32", "bool", "string", undefined],
  ...[undefined, "bytes", "uint32", undefined, "sfixed32", "sfixed64", "sint32", "sint64"],
];
