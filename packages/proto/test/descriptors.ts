import {
  create,
  createFileRegistry,
  type DescEnum,
  type DescFile,
  type DescMessage,
  type MessageInitShape,
} from "@bufbuild/protobuf";
import { FileDescriptorProtoSchema, FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";

/** A file as a compiler would describe it, proto3 in package x.y unless told otherwise. */
export function describe(file: MessageInitShape<typeof FileDescriptorProtoSchema>): DescFile {
  const proto = create(FileDescriptorProtoSchema, { package: "x.y", syntax: "proto3", ...file });
  const desc = createFileRegistry(create(FileDescriptorSetSchema, { file: [proto] })).getFile(proto.name);
  if (desc === undefined) throw new Error(`${proto.name} was not registered`);
  return desc;
}

/** The message or enum at a dotted path from the top of a file. */
export function typeAt(file: DescFile, path: string): DescMessage | DescEnum {
  const [first = "", ...rest] = path.split(".");
  let at: DescMessage | DescEnum | undefined =
    file.messages.find((message) => message.name === first) ?? file.enums.find((element) => element.name === first);
  for (const name of rest) {
    if (at?.kind !== "message") throw new Error(`nothing is nested at ${path}`);
    at = at.nestedMessages.find((message) => message.name === name) ?? at.nestedEnums.find((e) => e.name === name);
  }
  if (at === undefined) throw new Error(`no type at ${path}`);
  return at;
}
