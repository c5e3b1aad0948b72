import { create, createFileRegistry, type FileRegistry, fromBinary } from "@bufbuild/protobuf";
import { type FileDescriptorProto, FileDescriptorProtoSchema, FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import { P8eError } from "@p8e/core";
import { decodeMessage, messageBudget } from "@p8e/decoding";
import { MessageTypes } from "./message-types.ts";

/** What a description of types may come to, from a node or a file: a whole Provenance node's has about 700 kB. */
export const DESCRIPTION_LIMITS = { files: 2000, bytes: 8 * 1024 * 1024 } as const;

/**
 * The types that a serialized `google.protobuf.FileDescriptorSet` describes (`buf build -o FILE.binpb`, `protoc
 * --descriptor_set_out --include_imports`).
 * @throws `input.too_large`, and `input.invalid` when it is none, or lacks a file that another imports
 */
export function messageTypesOfSet(bytes: Uint8Array): MessageTypes {
  if (bytes.length > DESCRIPTION_LIMITS.bytes) {
    throw new P8eError("input.too_large", "the description of types is too large", {
      facts: { limit: DESCRIPTION_LIMITS.bytes },
    });
  }
  try {
    const { file } = fromBinary(FileDescriptorSetSchema, bytes);
    return new MessageTypes(registryOf(new Map(file.map((each) => [each.name, each]))));
  } catch (cause) {
    throw new P8eError("input.invalid", "this is not a set of file descriptors, or not a whole one", {
      hint: "Make one with its imports, as buf build -o FILE.binpb does.",
      cause,
    });
  }
}

/** Several times what all of a Provenance node's files have together. */
const fileBudget = {
  ...messageBudget,
  bytes: DESCRIPTION_LIMITS.bytes,
  fields: 400_000,
  resultBytes: 64 * 1024 * 1024,
};

/** One file, from bytes. @throws P8eError when they are none */
export function descriptorFile(bytes: Uint8Array): FileDescriptorProto {
  return decodeMessage(FileDescriptorProtoSchema, bytes, { what: "the description of types" }, { budget: fileBudget });
}

/** All types of files that import each other. Throws when one is missing, or they contradict each other. */
export function registryOf(files: ReadonlyMap<string, FileDescriptorProto>): FileRegistry {
  return createFileRegistry(create(FileDescriptorSetSchema, { file: [...inImportOrder(files)] }));
}

/** Each file behind those that it imports. Files that import each other in a circle come out as they are. */
function inImportOrder(files: ReadonlyMap<string, FileDescriptorProto>): Iterable<FileDescriptorProto> {
  const ordered = new Set<FileDescriptorProto>();
  const entered = new Set<string>();
  const pending = [...files.keys()].map((name) => ({ name, imported: false }));
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const file = files.get(next.name);
    if (file === undefined) continue;
    if (next.imported) ordered.add(file);
    else if (!entered.has(next.name)) {
      entered.add(next.name);
      pending.push({ name: next.name, imported: true }, ...file.dependency.map((name) => ({ name, imported: false })));
    }
  }
  return ordered;
}
