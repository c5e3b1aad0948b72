import { P8eError } from "@p8e/core";

/**
 * What a bundle says of itself when asked. It comes out of the sandbox, so it is checked before it is believed:
 * `parseContractDescription`.
 */
export interface ContractDescription {
  readonly className: string;
  readonly scopes: readonly string[];
  readonly participants: readonly string[];
  readonly records: readonly DescribedRecord[];
  readonly functions: readonly DescribedFunction[];
  /** Every `.proto` file that the types need, by name: a serialized FileDescriptorProto in base64. */
  readonly files: Readonly<Record<string, string>>;
}

export interface DescribedRecord {
  readonly name: string;
  /** The message's full protobuf name. */
  readonly typeName: string;
  readonly optional: boolean;
}

export interface DescribedInput {
  readonly name: string;
  readonly typeName: string;
}

export interface DescribedFunction {
  readonly name: string;
  readonly invokedBy: string;
  readonly inputs: readonly DescribedInput[];
  readonly writes: string;
  readonly typeName: string;
  readonly lineage: readonly string[];
  readonly skipIfExists?: string;
}

/**
 * The description in a bundle's answer, after checking its shape; its rules are checked by `checkContract`.
 *
 * @throws P8eError `contract.invalid`
 */
export function parseContractDescription(text: string): ContractDescription {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw malformed("", "is not JSON", cause);
  }
  const root = fields(value, "");
  return {
    className: string(root, "className", ""),
    scopes: strings(root, "scopes", ""),
    participants: strings(root, "participants", ""),
    records: list(root, "records", "").map((item, index) => {
      const at = `records[${index}]`;
      const record = fields(item, at);
      if (typeof record.optional !== "boolean") throw malformed(at, "says not whether it is optional");
      return { name: string(record, "name", at), typeName: string(record, "typeName", at), optional: record.optional };
    }),
    functions: list(root, "functions", "").map(describedFunction),
    files: Object.fromEntries(
      Object.entries(fields(root.files, "files")).map(([name, bytes]) => {
        if (typeof bytes !== "string") throw malformed(`files.${name}`, "is not text");
        return [name, bytes];
      }),
    ),
  };
}

function describedFunction(item: unknown, index: number): DescribedFunction {
  const at = `functions[${index}]`;
  const one = fields(item, at);
  const inputs = list(one, "inputs", at).map((value, position) => {
    const where = `${at}.inputs[${position}]`;
    const input = fields(value, where);
    return { name: string(input, "name", where), typeName: string(input, "typeName", where) };
  });
  return {
    name: string(one, "name", at),
    invokedBy: string(one, "invokedBy", at),
    inputs,
    writes: string(one, "writes", at),
    typeName: string(one, "typeName", at),
    lineage: strings(one, "lineage", at),
    ...(one.skipIfExists === undefined ? {} : { skipIfExists: string(one, "skipIfExists", at) }),
  };
}

/** Nothing real comes near; every list of a description is bounded by it. */
const LIST_LENGTH_MAX = 1000;

function fields(value: unknown, at: string): Readonly<Record<string, unknown>> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw malformed(at, "is not an object");
  return value as Readonly<Record<string, unknown>>;
}

function list(owner: Readonly<Record<string, unknown>>, key: string, at: string): readonly unknown[] {
  const value = owner[key];
  if (!Array.isArray(value)) throw malformed(path(at, key), "is not a list");
  if (value.length > LIST_LENGTH_MAX) throw malformed(path(at, key), `has more than ${LIST_LENGTH_MAX} entries`);
  return value;
}

function string(owner: Readonly<Record<string, unknown>>, key: string, at: string): string {
  const value = owner[key];
  if (typeof value !== "string") throw malformed(path(at, key), "is not text");
  return value;
}

function strings(owner: Readonly<Record<string, unknown>>, key: string, at: string): readonly string[] {
  return list(owner, key, at).map((value) => {
    if (typeof value !== "string") throw malformed(path(at, key), "holds something that is not text");
    return value;
  });
}

function path(at: string, key: string): string {
  return at === "" ? key : `${at}.${key}`;
}

function malformed(at: string, what: string, cause?: unknown): P8eError {
  const where = at === "" ? "the bundle's description" : `${at} in the bundle's description`;
  return new P8eError("contract.invalid", `${where} ${what}`, { facts: { at }, cause });
}
