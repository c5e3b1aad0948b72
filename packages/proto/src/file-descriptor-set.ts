import { clone, create, type DescEnum, type DescFile, type DescMessage, toBinary } from "@bufbuild/protobuf";
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
  const waiting = [...files.values()].sort((a, b) => (a.proto.name < b.proto.name ? -1 : 1));
  const placed = new Set<string>();
  const ordered: DescFile[] = [];
  while (waiting.length > 0) {
    const at = waiting.findIndex((file) => file.dependencies.every((needed) => placed.has(needed.proto.name)));
    const [next] = waiting.splice(at, 1);
    if (at < 0 || next === undefined) throw new P8eError("input.invalid", "files import each other in a circle");
    placed.add(next.proto.name);
    ordered.push(next);
  }
  return ordered;
}

function withoutSource(file: DescFile): FileDescriptorProto {
  const proto = clone(FileDescriptorProtoSchema, file.proto);
  delete proto.sourceCodeInfo;
  if (proto.name === descriptorProtoFile.name) {
    const { javaPackage, javaOuterClassname } = descriptorProtoFile;
    proto.options = create(FileOptionsSchema, { javaPackage, javaOuterClassname });
  }
  return proto;
}
