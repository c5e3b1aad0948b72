import { create, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import {
  type DescriptorProtoSchema,
  FileDescriptorProtoSchema,
  FileDescriptorSetSchema,
  FieldDescriptorProto_Label as Label,
  FieldDescriptorProto_Type as Type,
} from "@bufbuild/protobuf/wkt";
import { parseContractTypes } from "@p8e/contract";
import { decodeMessage } from "@p8e/decoding";
import { type Door, functionDoor } from "../door.ts";
import { messageBytes } from "../grammar.ts";
import type { Random } from "../random.ts";

const BYTES_MAX = 2 * 1024 * 1024;

/** The types of a contract, as they are stored. */
export async function openDoor(): Promise<Door> {
  return functionDoor({
    seeds: [typesOf([{ name: "Out", field: [] }]), typesOf(chain(5)), typesOf(wide(3, 4))],
    bytesMax: BYTES_MAX,
    generate: (random) =>
      random.oneIn(2)
        ? typesOf(shaped(random))
        : messageBytes(random, FileDescriptorSetSchema, { bytesMax: BYTES_MAX / 4 }),
    async run(input) {
      const { registry } = await parseContractTypes(input);
      const [first] = [...registry].filter((type) => type.kind === "message");
      if (first !== undefined) decodeMessage(first, new Uint8Array(0), { what: "a message of the types" });
    },
  });
}

type MessageInit = MessageInitShape<typeof DescriptorProtoSchema>;

/** One file of these types. */
export function fileOf(messageType: readonly MessageInit[]): Uint8Array {
  const file = { name: "x.proto", package: "x", syntax: "proto3", messageType: [...messageType] };
  return toBinary(FileDescriptorProtoSchema, create(FileDescriptorProtoSchema, file));
}

function typesOf(messageType: readonly MessageInit[]): Uint8Array {
  const file = { name: "x.proto", package: "x", syntax: "proto3", messageType: [...messageType] };
  return toBinary(FileDescriptorSetSchema, create(FileDescriptorSetSchema, { file: [file] }));
}

/** Many types, long chains of them, or types of many fields. */
export function shaped(random: Random): readonly MessageInit[] {
  switch (random.below(4)) {
    case 0:
      return chain(random.size(8000));
    case 1:
      return wide(1 + random.size(20), random.size(3000));
    case 2:
      return nested(random.size(120));
    default:
      return [{ name: "Out" }, ...Array.from({ length: random.size(60_000) }, (_, index) => ({ name: `M${index}` }))];
  }
}

function chain(length: number): readonly MessageInit[] {
  const type = (name: string, next: number): MessageInit => ({
    name,
    field:
      next < length
        ? [{ name: "a", number: 1, label: Label.OPTIONAL, type: Type.MESSAGE, typeName: `.x.M${next}` }]
        : [],
  });
  return [type("Out", 0), ...Array.from({ length }, (_, index) => type(`M${index}`, index + 1))];
}

function wide(types: number, fields: number): readonly MessageInit[] {
  const field = Array.from({ length: fields }, (_, index) => ({
    name: `f${index}`,
    number: index + 1,
    label: Label.REPEATED,
    type: Type.INT32,
  }));
  return [{ name: "Out", field }, ...Array.from({ length: types }, (_, index) => ({ name: `W${index}`, field }))];
}

function nested(depth: number): readonly MessageInit[] {
  let type: MessageInit = { name: "Inner" };
  for (let level = 0; level < depth; level++) type = { name: `N${level}`, nestedType: [type] };
  return [{ name: "Out" }, type];
}
