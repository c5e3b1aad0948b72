import {
  create,
  type DescFile,
  type DescMessage,
  fromBinary,
  isMessage,
  type Message,
  toBinary,
} from "@bufbuild/protobuf";
import { base64Encode } from "@bufbuild/protobuf/wire";
import { FileDescriptorProtoSchema, type Timestamp, TimestampSchema } from "@bufbuild/protobuf/wkt";
import { type ContractDefinition, definition, type FunctionDefinition } from "../author/define-contract.ts";
import type { ContractDescription } from "../domain/contract-description.ts";
import { MalformedValue } from "./malformed-value.ts";

/** What a bundle exports: the guest's half of the contract ABI (docs/protocol/contract-bundle.md). */
export interface GuestExports {
  /** A {@link ContractDescription} as JSON. */
  describe(): string;
  /** Called once before any `call`. `index` is a {@link LoadIndex} as JSON, whose offsets point into `payload`. */
  load(index: string, payload: ArrayBuffer): void;
  /** Runs a function; the serialized message it wrote. */
  call(name: string): Uint8Array;
}

/** Name, offset and length of each value. `seconds` is a decimal number in text, for it has 64 bits. */
export interface LoadIndex {
  readonly startedAt: { readonly seconds: string; readonly nanos: number };
  readonly records: readonly (readonly [name: string, offset: number, length: number])[];
  readonly inputs: readonly (readonly [name: string, offset: number, length: number])[];
}

/** The decoded values of an execution. */
export interface LoadedValues {
  readonly records: Readonly<Record<string, Message>>;
  readonly inputs: Readonly<Record<string, Message>>;
  readonly startedAt: Timestamp;
}

/** Makes a contract answer the sandbox. Runs inside it: nothing here may reach outside. */
export function serveContract(contract: unknown): GuestExports {
  const state = definitionOf(contract);
  let loaded: LoadedValues | undefined;
  return {
    describe: () => JSON.stringify(describeContract(state)),
    load(index, payload) {
      loaded = decodeValues(state, JSON.parse(index), payload);
    },
    call(name) {
      const found = state.functions.find((candidate) => candidate.name === name);
      if (found === undefined) throw new TypeError(`the contract has no function ${name}`);
      if (loaded === undefined) throw new TypeError("nothing was loaded");
      return runFunction(found, loaded);
    },
  };
}

function definitionOf(contract: unknown): ContractDefinition {
  const state = (contract as { [definition]?: ContractDefinition } | undefined)?.[definition];
  if (state === undefined) throw new TypeError("the entry file must export a contract as default: defineContract(...)");
  return state;
}

function decodeValues(state: ContractDefinition, index: LoadIndex, payload: ArrayBuffer): LoadedValues {
  const inputs = new Map(state.functions.flatMap((one) => Object.entries(one.inputs)));
  const records = new Map(Object.entries(state.records));
  const decode = (
    kind: "record" | "input",
    schema: DescMessage | undefined,
    [name, offset, length]: readonly [string, number, number],
  ) => {
    if (schema === undefined) throw new MalformedValue(kind, name, "the contract has none of this name");
    try {
      return fromBinary(schema, new Uint8Array(payload, offset, length));
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      throw new MalformedValue(kind, name, error.message);
    }
  };
  return {
    records: byName(index.records.map((at) => [at[0], decode("record", records.get(at[0])?.schema, at)])),
    inputs: byName(index.inputs.map((at) => [at[0], decode("input", inputs.get(at[0]), at)])),
    startedAt: create(TimestampSchema, {
      seconds: BigInt(index.startedAt.seconds),
      nanos: index.startedAt.nanos,
    }),
  };
}

/** Without a prototype: a record named as one of Object's methods is absent unless it is there. */
function byName(entries: readonly (readonly [string, Message])[]): Readonly<Record<string, Message>> {
  return Object.setPrototypeOf(Object.fromEntries(entries), null);
}

/** Runs one function on decoded values; the serialized message it wrote. */
export function runFunction(definition: FunctionDefinition, loaded: LoadedValues): Uint8Array {
  const inputs = byName(
    Object.keys(definition.inputs).map((name) => {
      const value = loaded.inputs[name];
      if (value === undefined) throw new TypeError(`function ${definition.name} ran without its input ${name}`);
      return [name, value];
    }),
  );
  const result = definition.run({ records: loaded.records, inputs, startedAt: loaded.startedAt });
  if (typeof result !== "object" || result === null) {
    throw new TypeError(`function ${definition.name} returned no message`);
  }
  if (typeof (result as { then?: unknown }).then === "function") {
    throw new TypeError(`function ${definition.name} returned a promise; functions are synchronous`);
  }
  const typeName = (result as { $typeName?: unknown }).$typeName;
  if (typeName !== undefined && !isMessage(result, definition.as)) {
    throw new TypeError(`function ${definition.name} returned a ${String(typeName)}, not a ${definition.as.typeName}`);
  }
  return toBinary(definition.as, create(definition.as, result as Record<string, unknown>));
}

function describeContract(state: ContractDefinition): ContractDescription {
  const files = new Map<string, string>();
  const type = (schema: DescMessage): string => {
    collectFiles(schema.file, files);
    return schema.typeName;
  };
  for (const { file } of state.types) collectFiles(file, files);
  return {
    className: state.className,
    scopes: state.scopes,
    participants: state.participants,
    records: Object.entries(state.records).map(([name, { schema, optional }]) => ({
      name,
      typeName: type(schema),
      optional,
    })),
    functions: state.functions.map((one) => ({
      name: one.name,
      invokedBy: one.invokedBy,
      inputs: Object.entries(one.inputs).map(([name, schema]) => ({ name, typeName: type(schema) })),
      writes: one.writes,
      typeName: type(one.as),
      lineage: one.lineage,
      ...(one.skipIfExists === undefined ? {} : { skipIfExists: one.skipIfExists }),
    })),
    files: Object.fromEntries(files),
  };
}

function collectFiles(file: DescFile, files: Map<string, string>): void {
  if (files.has(file.proto.name)) return;
  files.set(file.proto.name, base64Encode(toBinary(FileDescriptorProtoSchema, file.proto)));
  for (const needed of file.dependencies) collectFiles(needed, files);
}
