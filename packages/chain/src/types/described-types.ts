import { create, createFileRegistry, type FileRegistry } from "@bufbuild/protobuf";
import { type FileDescriptorProto, FileDescriptorProtoSchema, FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import { P8eError } from "@p8e/core";
import { checkFullNames, decodeMessage, messageBudget } from "@p8e/decoding";
import { MessageTypes } from "./message-types.ts";

/** What a description of types may come to, from a node or a file: a whole Provenance node's has about 700 kB. */
export const DESCRIPTION_LIMITS = { files: 2000, bytes: 8 * 1024 * 1024 } as const;

/**
 * The types that a serialized `google.protobuf.FileDescriptorSet` describes (`buf build -o FILE.binpb`, `protoc
 * --descriptor_set_out --include_imports`).
 * @param path where they were read from, for errors
 * @throws `input.too_large`, and `input.invalid` when it is none, or lacks a file that another imports
 */
export function messageTypesOfSet(bytes: Uint8Array, path?: string): MessageTypes {
  const hint = "Make one with its imports, as buf build -o FILE.binpb does.";
  const what = "the description of types";
  const context = { what, file: path, hint };
  const { file } = decodeMessage(FileDescriptorSetSchema, bytes, context, { budget: setBudget });
  // Before what a registry refuses, which would not tell what it is.
  checkFullNames(file, context);
  const files = new Map(file.map((each) => [each.name, each]));
  for (const { name, dependency } of file) {
    const missing = dependency.find((each) => !files.has(each));
    if (missing !== undefined) throw unusable(`imports ${missing.slice(0, 200)}, which is not among them`, name);
  }
  try {
    return new MessageTypes(registryOf(files));
  } catch (cause) {
    throw unusable("contradicts itself", what, cause);
  }

  function unusable(reason: string, of: string, cause?: unknown): P8eError {
    const field = of.slice(0, 200);
    const sentence = `${path === undefined ? "" : `${path}: `}${field} ${reason}`;
    return new P8eError("input.invalid", sentence, { facts: { file: path, field, reason }, hint, cause });
  }
}

/** With comments and places in the sources, of which each number is a field. */
const setBudget = {
  bytes: DESCRIPTION_LIMITS.bytes,
  fields: 4_000_000,
  resultBytes: 256 * 1024 * 1024,
  depth: 100,
};

/** Several times what all of a Provenance node's files have together. */
const fileBudget = {
  ...messageBudget,
  bytes: DESCRIPTION_LIMITS.bytes,
  fields: 400_000,
  resultBytes: 64 * 1024 * 1024,
};

const described = { what: "the description of types" };

/** One file, from bytes. @throws P8eError when they are none */
export function descriptorFile(bytes: Uint8Array): FileDescriptorProto {
  return decodeMessage(FileDescriptorProtoSchema, bytes, described, { budget: fileBudget });
}

/** All types of files that import each other. Throws when one is missing, they contradict each other, or names are too long. */
export function registryOf(files: ReadonlyMap<string, FileDescriptorProto>): FileRegistry {
  checkFullNames(files.values(), described);
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
