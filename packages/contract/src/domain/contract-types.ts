import { setImmediate } from "node:timers/promises";
import { create, createFileRegistry, type DescMessage, type FileRegistry } from "@bufbuild/protobuf";
import { nestedTypes } from "@bufbuild/protobuf/reflect";
import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import { type FileDescriptorProto, FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import { base64Decode, isP8eError, P8eError, throwIfCancelled } from "@p8e/core";
import { checkFullNames, type DecodingBudget, decodeMessage } from "@p8e/decoding";
import { fileDescriptorSet } from "@p8e/proto/file-descriptor-set";
import { type JavaClassName, javaClassIndex, javaClassName } from "@p8e/proto/java-class-name";

/** The message types of a contract, with everything they refer to. */
export interface ContractTypes {
  /** A serialized FileDescriptorSet: the object that the ledger names as the place of the types. */
  readonly bytes: Uint8Array;
  readonly registry: FileRegistry;
  /** @throws P8eError `contract.invalid` if the types lack it */
  message(typeName: string): DescMessage;
  /** @throws P8eError `contract.invalid` if the types lack it */
  messageOfClass(className: string): DescMessage;
}

/**
 * @param files serialized FileDescriptorProtos in base64, by file name
 * @throws P8eError `contract.invalid` if they are malformed, incomplete or import each other in a circle, or if a Java
 *   class name cannot be derived or is not unique; `rpc.cancelled`
 */
export async function contractTypes(
  files: Readonly<Record<string, string>>,
  options: Stoppable = {},
): Promise<ContractTypes> {
  const protos = guarded(() => {
    const names = Object.keys(files);
    const set = new BinaryWriter();
    // Together, so that they have one budget.
    for (const name of names) set.tag(1, WireType.LengthDelimited).bytes(base64Decode(files[name]!, name));
    const protos = decodeFiles(set.finish());
    for (const [index, name] of names.entries()) {
      const { name: own } = protos[index]!;
      if (own !== name) throw invalid(`the file ${name} calls itself ${own}`);
    }
    return protos;
  });
  return await typesOf(protos, options);
}

/** The types in a stored FileDescriptorSet. @throws P8eError as {@link contractTypes} */
export async function parseContractTypes(bytes: Uint8Array, options: Stoppable = {}): Promise<ContractTypes> {
  const protos = guarded(() => decodeFiles(bytes));
  return await typesOf(protos, options);
}

interface Stoppable {
  readonly signal?: AbortSignal | undefined;
}

const MIB = 1024 * 1024;

/**
 * All that a Provenance node has, with Cosmos' own, comes to 55,000 fields of descriptions. A bundle, which holds its types,
 * has 2 MiB at most; what is made of types stays on the main thread, so this bounds each of the steps it takes there.
 */
export const typesBudget: DecodingBudget = Object.freeze({
  bytes: 4 * MIB,
  fields: 100_000,
  resultBytes: 24 * MIB,
  depth: 100,
});

/** Files are put in the order of their imports, which takes the square of their number. */
const FILES_MAX = 1000;

/** How far types may lead to other types, each new one from the one before: what reads them goes as deep. */
const TYPE_CHAIN_MAX = 1000;

function decodeFiles(bytes: Uint8Array): readonly FileDescriptorProto[] {
  const code = "contract.invalid";
  const context = { what: "the contract's types", code, tooLargeCode: code } as const;
  const { file } = decodeMessage(FileDescriptorSetSchema, bytes, context, { budget: typesBudget });
  checkFullNames(file, context);
  return file;
}

/** In steps, between which the event loop gets its turn: together they would keep it for too long. */
async function typesOf(protos: readonly FileDescriptorProto[], options: Stoppable): Promise<ContractTypes> {
  const step = async <T>(make: () => T): Promise<T> => {
    await setImmediate();
    throwIfCancelled(options.signal);
    return guarded(make);
  };
  const registry = await step(() => {
    requireFew(protos);
    return createFileRegistry(create(FileDescriptorSetSchema, { file: inImportOrder(protos) }));
  });
  await step(() => requireShallow(registry));
  const byClass: ReadonlyMap<string, DescMessage> = await step(() => javaClassIndex(registry));
  const bytes = await step(() => fileDescriptorSet(registry.files));
  return {
    bytes,
    registry,
    message(typeName) {
      const found = registry.getMessage(typeName);
      if (found === undefined) throw invalid(`there is no message ${typeName} in the contract's types`);
      return found;
    },
    messageOfClass(className) {
      const found = byClass.get(className);
      if (found === undefined) throw invalid(`no message in the contract's types has the class ${className}`);
      return found;
    },
  };
}

function requireFew({ length }: readonly FileDescriptorProto[]): void {
  if (length <= FILES_MAX) return;
  throw new P8eError("contract.invalid", `the contract's types come in more than ${FILES_MAX} files`, {
    facts: { count: length, limit: FILES_MAX },
  });
}

/** The Java class name of one of the types. @throws P8eError `contract.invalid` if the types lack it */
export function classNameOf(types: ContractTypes, typeName: string): JavaClassName {
  return javaClassName(types.message(typeName));
}

/**
 * Reading a message compiles a reader for each type it leads to, one within the other: a long enough chain of types would
 * end in the host's own stack, at a depth that differs from machine to machine.
 */
function requireShallow(registry: FileRegistry): void {
  const visited = new Set<DescMessage>();
  for (const file of registry.files) {
    for (const type of nestedTypes(file)) {
      if (type.kind !== "message" || visited.has(type)) continue;
      const open = [leadsTo(type)];
      visited.add(type);
      while (open.length > 0) {
        const next = open.at(-1)!.next();
        if (next.done) open.pop();
        else if (!visited.has(next.value)) {
          visited.add(next.value);
          open.push(leadsTo(next.value));
          if (open.length > TYPE_CHAIN_MAX) {
            throw invalid(`a chain of more than ${TYPE_CHAIN_MAX} message types begins at ${type.typeName}`);
          }
        }
      }
    }
  }
}

function* leadsTo(type: DescMessage): Generator<DescMessage, undefined, void> {
  for (const { message } of type.fields) if (message !== undefined) yield message;
  return undefined;
}

/** The registry wants each file behind those it imports. */
function inImportOrder(protos: readonly FileDescriptorProto[]): FileDescriptorProto[] {
  const byName = new Map(protos.map((proto) => [proto.name, proto]));
  const ordered: FileDescriptorProto[] = [];
  const state = new Map<string, "open" | "done">();
  const place = (name: string, importer: string): void => {
    if (state.get(name) === "done") return;
    if (state.get(name) === "open") throw invalid(`the file ${name} imports itself, by way of ${importer}`);
    const proto = byName.get(name);
    if (proto === undefined) throw invalid(`${importer} imports ${name}, which is missing`);
    state.set(name, "open");
    for (const needed of proto.dependency) place(needed, name);
    state.set(name, "done");
    ordered.push(proto);
  };
  for (const proto of protos) place(proto.name, "the contract");
  return ordered;
}

function invalid(message: string): P8eError {
  return new P8eError("contract.invalid", message);
}

function guarded<T>(make: () => T): T {
  try {
    return make();
  } catch (cause) {
    if (isP8eError(cause) && cause.code === "contract.invalid") throw cause;
    const text = cause instanceof Error ? cause.message : String(cause);
    const details = isP8eError(cause) ? { facts: cause.facts, cause } : { cause };
    throw new P8eError("contract.invalid", `the contract's types are unusable: ${text}`, details);
  }
}
