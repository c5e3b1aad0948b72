import { type DescField, type DescMessage, ScalarType } from "@bufbuild/protobuf";
import { WireType } from "@bufbuild/protobuf/wire";
import { concatBytes, utf8Encode } from "@p8e/core";
import { scalarWireType } from "@p8e/decoding";
import type { Random } from "./random.ts";

const DEPTH_USUAL = 5;
const FIELDS_MAX = 6;

/** How a message is made up. */
export interface GrammarOptions {
  /** For the lists that are now and then made very long. */
  readonly bytesMax: number;
}

/** A serialized message of a type: mostly right, sometimes long, deep, or wrong in one place. */
export function messageBytes(random: Random, schema: DescMessage, { bytesMax }: GrammarOptions): Uint8Array {
  return message(random, schema, 0, random.oneIn(8) ? bytesMax : 0);
}

function message(random: Random, schema: DescMessage, depth: number, long: number): Uint8Array {
  const parts: Uint8Array[] = [];
  const depthMax = random.oneIn(40) ? 120 : DEPTH_USUAL;
  for (let count = random.below(FIELDS_MAX + 1); count > 0; count--) {
    if (schema.fields.length === 0 || random.oneIn(20)) {
      parts.push(unknownField(random));
      continue;
    }
    const field = random.pick(schema.fields);
    const inner = field.message !== undefined || field.fieldKind === "map";
    if (inner && depth >= depthMax) continue;
    const grows = long > 0 && random.oneIn(2);
    const element = fieldBytes(random, field, depth, grows && random.oneIn(2) ? long : 0);
    parts.push(grows && field.fieldKind === "list" ? repeated(element, random.below(long)) : element);
  }
  return concatBytes(...parts);
}

function fieldBytes(random: Random, field: DescField, depth: number, long: number): Uint8Array {
  const wireType = wireTypeOf(field);
  const given = random.oneIn(60) ? random.below(8) : wireType;
  const number = random.oneIn(80) ? random.pick([0, 1, 2 ** 29 - 1, field.number + 1]) : field.number;
  const head = varint(number * 8 + given, random.oneIn(100));
  switch (given) {
    case WireType.Varint:
      return concatBytes(head, anyVarint(random));
    case WireType.Bit64:
      return concatBytes(head, fixed(random, 8));
    case WireType.Bit32:
      return concatBytes(head, fixed(random, 4));
    case WireType.LengthDelimited: {
      const content = delimited(random, field, depth, long);
      const length = random.oneIn(100) ? random.pick([0, content.length + 1, 2 ** 31 - 1, 2 ** 32]) : content.length;
      return concatBytes(head, varint(length, random.oneIn(100)), content);
    }
    case WireType.StartGroup:
      return concatBytes(
        head,
        field.message === undefined ? new Uint8Array(0) : message(random, field.message, depth + 1, long),
        varint(number * 8 + WireType.EndGroup),
      );
    default:
      return head;
  }
}

function delimited(random: Random, field: DescField, depth: number, long: number): Uint8Array {
  if (field.fieldKind === "map") {
    const key = concatBytes(varint(8 + scalarWireType(field.mapKey)), scalar(random, field.mapKey));
    const value =
      field.mapKind === "message"
        ? lengthed(18, message(random, field.message, depth + 1, long))
        : field.mapKind === "scalar"
          ? concatBytes(varint(16 + scalarWireType(field.scalar)), scalar(random, field.scalar))
          : concatBytes(varint(16), anyVarint(random));
    return random.oneIn(10) ? concatBytes(value, key) : concatBytes(key, value);
  }
  if (field.message !== undefined) return message(random, field.message, depth + 1, long);
  if (field.scalar === ScalarType.STRING) return text(random);
  if (field.scalar === ScalarType.BYTES) return random.bytes(random.size(40));
  const items = Array.from({ length: random.size(6) }, () =>
    field.scalar === undefined ? anyVarint(random) : scalar(random, field.scalar),
  );
  return concatBytes(...items);
}

function scalar(random: Random, type: ScalarType): Uint8Array {
  switch (scalarWireType(type)) {
    case WireType.Varint:
      return anyVarint(random);
    case WireType.Bit64:
      return fixed(random, 8);
    case WireType.Bit32:
      return fixed(random, 4);
    default:
      return lengthed(undefined, type === ScalarType.STRING ? text(random) : random.bytes(random.size(20)));
  }
}

function unknownField(random: Random): Uint8Array {
  const number = 1 + random.size(2 ** 28);
  return random.oneIn(2)
    ? concatBytes(varint(number * 8), anyVarint(random))
    : lengthed(number * 8 + 2, random.bytes(random.size(10)));
}

function wireTypeOf(field: DescField): WireType {
  if (field.fieldKind === "map") return WireType.LengthDelimited;
  if (field.message !== undefined) {
    const grouped = (field.fieldKind === "message" || field.fieldKind === "list") && field.delimitedEncoding;
    return grouped ? WireType.StartGroup : WireType.LengthDelimited;
  }
  if (field.fieldKind === "list" && field.packed) return WireType.LengthDelimited;
  return field.scalar === undefined ? WireType.Varint : scalarWireType(field.scalar);
}

function lengthed(tag: number | undefined, content: Uint8Array): Uint8Array {
  return concatBytes(tag === undefined ? new Uint8Array(0) : varint(tag), varint(content.length), content);
}

/** @param padded with a byte more than it needs */
function varint(value: number, padded = false): Uint8Array {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) + 128);
  return Uint8Array.from(padded ? [...bytes, rest + 128, 0] : [...bytes, rest]);
}

function anyVarint(random: Random): Uint8Array {
  if (random.oneIn(12)) return Uint8Array.from([...new Array(random.below(11)).fill(0xff), random.below(3)]);
  return varint(random.size(2 ** 32));
}

function fixed(random: Random, length: 4 | 8): Uint8Array {
  return random.oneIn(3) ? new Uint8Array(length).fill(random.pick([0, 0x7f, 0xff, 0xf0])) : random.bytes(length);
}

const TEXTS = ["", "a", "OWNER", "é", "😀", "\0", "__proto__", "google.protobuf.Empty", "/x.Y", "1", "a/b", "nhash"];

function text(random: Random): Uint8Array {
  if (random.oneIn(30)) return random.bytes(random.size(10));
  return utf8Encode(random.pick(TEXTS).repeat(random.oneIn(20) ? random.size(500) : 1));
}

function repeated(piece: Uint8Array, bytesMax: number): Uint8Array {
  const times = piece.length === 0 ? 0 : Math.floor(bytesMax / piece.length);
  const all = new Uint8Array(times * piece.length);
  for (let index = 0; index < times; index++) all.set(piece, index * piece.length);
  return all;
}

/** Protobuf's JSON of a type: mostly right, sometimes wrong in one place. */
export function messageJson(random: Random, schema: DescMessage): string {
  return jsonMessage(random, schema, 0);
}

const JSON_VALUES = [
  ...["0", "1", "-1", "1e3", "1.0", "1.5", "1e400", "9007199254740993", '"9007199254740993"', '"0x10"', "null", "true"],
  ...['"NaN"', '"Infinity"', '""', '"a"', '"AQID"', '"2024-02-30T00:00:00Z"', '"2024-01-01T00:00:00.5Z"', '"1.5s"'],
  ...["[]", "{}", "[[]]", '"\\ud800"', '"\\u0000"', "[1,null]", '{"@type":"/x.Y"}', '"a.b,c"', "-0", "4294967296"],
];

function jsonMessage(random: Random, schema: DescMessage, depth: number): string {
  const parts: string[] = [];
  for (let count = random.below(FIELDS_MAX + 1); count > 0; count--) {
    if (schema.fields.length === 0 || random.oneIn(25)) {
      parts.push(`${JSON.stringify(random.pick(["@type", "__proto__", "unknown", ""]))}:${random.pick(JSON_VALUES)}`);
      continue;
    }
    const field = random.pick(schema.fields);
    if (field.message !== undefined && depth >= (random.oneIn(40) ? 120 : DEPTH_USUAL)) continue;
    parts.push(`"${random.oneIn(3) ? field.name : field.jsonName}":${jsonField(random, field, depth)}`);
  }
  return `{${parts.join(random.oneIn(10) ? " ,\n" : ",")}}`;
}

function jsonField(random: Random, field: DescField, depth: number): string {
  if (random.oneIn(20)) return random.pick(JSON_VALUES);
  const one = (): string =>
    field.message !== undefined && !random.oneIn(15)
      ? jsonMessage(random, field.message, depth + 1)
      : field.enum !== undefined
        ? random.pick(['"NONE"', "0", "99", ...field.enum.values.map(({ name }) => JSON.stringify(name))])
        : random.pick(JSON_VALUES);
  if (field.fieldKind === "list") return `[${Array.from({ length: random.size(5) }, one).join(",")}]`;
  if (field.fieldKind === "map") {
    const key = () => JSON.stringify(random.pick(["1", "true", "a", "", "-1", "__proto__", "toString", "01"]));
    return `{${Array.from({ length: random.size(4) }, () => `${key()}:${one()}`).join(",")}}`;
  }
  return one();
}
