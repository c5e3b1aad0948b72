import { create, type DescEnum, type DescFile, type DescMessage, toBinary } from "@bufbuild/protobuf";
import {
  type FileDescriptorProto,
  FileDescriptorProtoSchema,
  FileDescriptorSetSchema,
  FileOptionsSchema,
} from "@bufbuild/protobuf/wkt";
import { equalBytes, P8eError } from "@p8e/core";
import { descriptorProtoFile } from "./descriptor-proto-file.ts";

/**
 * The types of the schemas and of everything they refer to, as a serialized `google.protobuf.FileDescriptorSet` that
 * every Protocol Buffers implementation reads. The same schemas give the same bytes in whatever order they come: each
 * file stands behind the files it imports, the smallest name first among those that may come next; source positions and
 * comments are left out, options are kept.
 *
 * @throws P8eError `input.invalid` if two different files have one name
 */
export function fileDescriptorSet(schemas: Iterable<DescMessage | DescEnum | DescFile>): Uint8Array {
  const files = new Map<string, DescFile>();
  for (const schema of schemas) collect(schema.kind === "file" ? schema : schema.file, files);
  const file = inImportOrder(files).map(withoutSource);
  return toBinary(FileDescriptorSetSchema, create(FileDescriptorSetSchema, { file }));
}

function collect(file: DescFile, files: Map<string, DescFile>): void {
  const pending = [file];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const known = files.get(next.proto.name);
    if (known === next) continue;
    if (known !== undefined) {
      requireSame(known, next);
      continue;
    }
    files.set(next.proto.name, next);
    pending.push(...next.dependencies);
  }
}

function requireSame(one: DescFile, other: DescFile): void {
  if (
    equalBytes(
      toBinary(FileDescriptorProtoSchema, withoutSource(one)),
      toBinary(FileDescriptorProtoSchema, withoutSource(other)),
    )
  )
    return;
  throw new P8eError("input.invalid", `two different files are named ${one.proto.name}`, {
    facts: { file: one.proto.name },
  });
}

function inImportOrder(files: ReadonlyMap<string, DescFile>): DescFile[] {
  const importers = new Map<string, string[]>();
  const lacking = new Map<string, number>();
  for (const [name, { dependencies }] of files) {
    const needed = new Set(dependencies.map(({ proto }) => proto.name));
    lacking.set(name, needed.size);
    for (const each of needed) {
      const known = importers.get(each);
      if (known === undefined) importers.set(each, [name]);
      else known.push(name);
    }
  }
  const ready = [...files.keys()].filter((name) => lacking.get(name) === 0);
  const ordered: DescFile[] = [];
  while (ready.length > 0) {
    let next = ready[0]!;
    for (const other of ready) if (other < next) next = other;
    ready.splice(ready.indexOf(next), 1);
    ordered.push(files.get(next)!);
    for (const importer of importers.get(next) ?? []) {
      const left = lacking.get(importer)! - 1;
      lacking.set(importer, left);
      if (left === 0) ready.push(importer);
    }
  }
  if (ordered.length < files.size) throw new P8eError("input.invalid", "files import each other in a circle");
  return ordered;
}

/** The file itself where nothing of it is left out: a deep copy of many thousand types takes as long as reading them. */
function withoutSource(file: DescFile): FileDescriptorProto {
  const isDescriptor = file.proto.name === descriptorProtoFile.name;
  if (file.proto.sourceCodeInfo === undefined && !isDescriptor) return file.proto;
  const proto: FileDescriptorProto = Object.assign(Object.create(Object.getPrototypeOf(file.proto)), file.proto);
  delete proto.sourceCodeInfo;
  if (isDescriptor) {
    const { javaPackage, javaOuterClassname } = descriptorProtoFile;
    proto.options = create(FileOptionsSchema, { javaPackage, javaOuterClassname });
  }
  return proto;
}
