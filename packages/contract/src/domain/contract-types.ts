import { create, createFileRegistry, type DescMessage, type FileRegistry, fromBinary } from "@bufbuild/protobuf";
import { type FileDescriptorProto, FileDescriptorProtoSchema, FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import { base64Decode, isP8eError, P8eError } from "@p8e/core";
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
 *   class name cannot be derived or is not unique
 */
export function contractTypes(files: Readonly<Record<string, string>>): ContractTypes {
  return guarded(() => {
    const protos = Object.entries(files).map(([name, text]) => {
      const proto = fromBinary(FileDescriptorProtoSchema, base64Decode(text, name));
      if (proto.name !== name) throw invalid(`the file ${name} calls itself ${proto.name}`);
      return proto;
    });
    return typesOf(protos);
  });
}

/** The types in a stored FileDescriptorSet. @throws P8eError `contract.invalid` as {@link contractTypes} */
export function parseContractTypes(bytes: Uint8Array): ContractTypes {
  return guarded(() => typesOf(fromBinary(FileDescriptorSetSchema, bytes).file));
}

function typesOf(protos: readonly FileDescriptorProto[]): ContractTypes {
  const registry = createFileRegistry(create(FileDescriptorSetSchema, { file: inImportOrder(protos) }));
  const byClass: ReadonlyMap<string, DescMessage> = javaClassIndex(registry);
  return {
    bytes: fileDescriptorSet(registry.files),
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

/** The Java class name of one of the types. @throws P8eError `contract.invalid` if the types lack it */
export function classNameOf(types: ContractTypes, typeName: string): JavaClassName {
  return javaClassName(types.message(typeName));
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
