import {
  type DescEnum,
  type DescField,
  type DescMessage,
  type DescOneof,
  type Registry,
  ScalarType,
} from "@bufbuild/protobuf";
import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import type { DecodingBudget } from "../decoding-budget.ts";
import { FieldPath, jsonNameOf, shownName } from "../field-path.ts";
import { Meter } from "../meter.ts";
import { scalarWireType } from "../scalar-wire-type.ts";
import { exactDouble, exactFloat, exactInteger, type IntegerRange } from "./exact-number.ts";
import {
  type Read,
  readBase64,
  readDuration,
  readFieldMask,
  readTimestamp,
  type SecondsAndNanos,
} from "./exact-text.ts";
import type { JsonNode } from "./json-node.ts";
import { parseJsonText } from "./parse-json-text.ts";
import { isZero, rangeOf, type ScalarValue, writeScalar } from "./scalar-value.ts";

/**
 * The serialized message that a text in protobuf's JSON form says, read as protobuf-go and Java both read it: what only one
 * of them takes is refused (docs/protocol/protobuf-json.md). Fields are written by their numbers, maps by their keys.
 *
 * @param registry where the types of a google.protobuf.Any are found
 * @throws DecodingFault naming the field
 */
export function jsonToBytes(
  schema: DescMessage,
  text: string,
  registry: Pick<Registry, "getMessage">,
  budget: DecodingBudget,
): Uint8Array {
  return nodeToBytes(schema, parseJsonText(text, budget), registry, budget);
}

/** The same of a value that was parsed already. @throws DecodingFault naming the field */
export function nodeToBytes(
  schema: DescMessage,
  node: JsonNode,
  registry: Pick<Registry, "getMessage">,
  budget: DecodingBudget,
): Uint8Array {
  const path = new FieldPath();
  const reader = new JsonReader(registry, new Meter(budget, path), path);
  const writer = new BinaryWriter();
  reader.message(schema, node, writer);
  return writer.finish();
}

type ObjectNode = Extract<JsonNode, { kind: "object" }>;
/** One value of a field: in JSON, and how it goes into bytes. */
interface Kind {
  readonly scalar: ScalarType | undefined;
  readonly enum: DescEnum | undefined;
  readonly message: DescMessage | undefined;
  readonly delimitedEncoding?: boolean | undefined;
}

const NULL_VALUE = "google.protobuf.NullValue";
const VALUE = "google.protobuf.Value";
const ANY = "google.protobuf.Any";
const EMPTY = "google.protobuf.Empty";
/** `google.protobuf.FeatureSet.FieldPresence.IMPLICIT` and `LEGACY_REQUIRED` */
const IMPLICIT = 2;
const LEGACY_REQUIRED = 3;

/** Types whose JSON is not an object of their fields; in a google.protobuf.Any it stands in a field `value`. */
const WRAPPERS: ReadonlySet<string> = new Set(
  ["Double", "Float", "Int64", "UInt64", "Int32", "UInt32", "Bool", "String", "Bytes"].map(
    (name) => `google.protobuf.${name}Value`,
  ),
);
const SPECIAL: ReadonlySet<string> = new Set([
  ...WRAPPERS,
  ANY,
  VALUE,
  ...["Struct", "ListValue", "Timestamp", "Duration", "FieldMask"].map((name) => `google.protobuf.${name}`),
]);

class JsonReader {
  readonly #registry: Pick<Registry, "getMessage">;
  readonly #meter: Meter;
  readonly #path: FieldPath;
  readonly #names = new Map<DescMessage, ReadonlyMap<string, DescField | undefined>>();

  constructor(registry: Pick<Registry, "getMessage">, meter: Meter, path: FieldPath) {
    this.#registry = registry;
    this.#meter = meter;
    this.#path = path;
  }

  /** The content of a message, without its length. */
  message(schema: DescMessage, node: JsonNode, writer: BinaryWriter): void {
    this.#meter.enter();
    const { typeName } = schema;
    if (WRAPPERS.has(typeName)) this.#wrapper(schema, node, writer);
    else if (typeName === "google.protobuf.Timestamp") this.#time(schema, node, readTimestamp, writer);
    else if (typeName === "google.protobuf.Duration") this.#time(schema, node, readDuration, writer);
    else if (typeName === "google.protobuf.FieldMask") this.#fieldMask(node, writer);
    else if (typeName === VALUE) this.#value(schema, node, writer);
    else if (typeName === "google.protobuf.Struct") this.#struct(schema, node, writer);
    else if (typeName === "google.protobuf.ListValue") this.#listValue(schema, node, writer);
    else if (typeName === ANY) this.#any(node, writer);
    else this.#fields(schema, this.#object(node).fields, writer);
    this.#meter.leave();
  }

  #object(node: JsonNode): ObjectNode {
    return node.kind === "object" ? node : this.#path.refuse("is not an object");
  }

  #fields(schema: DescMessage, fields: ReadonlyMap<string, JsonNode>, writer: BinaryWriter): void {
    const names = this.#namesOf(schema);
    const given = new Map<DescField, JsonNode>();
    const oneofs = new Set<DescOneof>();
    for (const [name, node] of fields) {
      this.#path.push(shownName(name));
      if (!names.has(name)) this.#path.refuse("is not a field of its message");
      const field = names.get(name);
      if (field === undefined) this.#path.refuse("is the name of two fields of its message");
      if (given.has(field)) this.#path.refuse("is there twice, under two names");
      given.set(field, node);
      if (node.kind !== "null" || takesNull(field)) {
        if (field.oneof !== undefined && oneofs.has(field.oneof)) {
          this.#path.refuse(`is there beside another field of the oneof ${field.oneof.name}`);
        }
        if (field.oneof !== undefined) oneofs.add(field.oneof);
      }
      this.#path.pop();
    }
    // By number, as encoders write them.
    for (const field of schema.fields.toSorted((one, other) => one.number - other.number)) {
      const node = given.get(field);
      this.#path.push(jsonNameOf(field));
      if (node !== undefined && (node.kind !== "null" || takesNull(field))) this.#field(field, node, writer);
      else if (field.presence === LEGACY_REQUIRED) this.#path.refuse("is required and missing");
      this.#path.pop();
    }
  }

  #field(field: DescField, node: JsonNode, writer: BinaryWriter): void {
    this.#meter.field(0);
    if (field.fieldKind === "list") this.#list(field, node, writer);
    else if (field.fieldKind === "map") this.#map(field, node, writer);
    else this.#single(field, field.number, node, field.presence === IMPLICIT, writer);
  }

  #list(field: Extract<DescField, { fieldKind: "list" }>, node: JsonNode, writer: BinaryWriter): void {
    if (node.kind !== "array") this.#path.refuse("is not a list");
    if (node.items.length === 0) return;
    const packed = field.packed && field.listKind !== "message";
    if (packed) writer.tag(field.number, WireType.LengthDelimited).fork();
    for (const [index, item] of node.items.entries()) {
      this.#path.push(index);
      this.#meter.field(0);
      if (item.kind === "null" && !kindTakesNull(field)) this.#path.refuse("is null, which no element of a list is");
      if (packed) this.#plain(field, item, writer);
      else this.#single(field, field.number, item, false, writer);
      this.#path.pop();
    }
    if (packed) writer.join();
  }

  #map(field: Extract<DescField, { fieldKind: "map" }>, node: JsonNode, writer: BinaryWriter): void {
    this.#meter.enter();
    const entries = new Map<string | bigint | boolean, readonly [name: string, node: JsonNode]>();
    for (const [name, value] of this.#object(node).fields) {
      this.#path.push({ key: name });
      this.#meter.field(0);
      if (value.kind === "null" && !kindTakesNull(field)) this.#path.refuse("is null, which no value of a map is");
      const key = this.#mapKey(field.mapKey, name);
      if (entries.has(key)) this.#path.refuse("is there twice, in two spellings");
      entries.set(key, [name, value]);
      this.#path.pop();
    }
    for (const [key, [name, value]] of [...entries].sort(([one], [other]) => compareKeys(one, other))) {
      this.#path.push({ key: name });
      writer.tag(field.number, WireType.LengthDelimited).fork();
      writeScalar(writer.tag(1, scalarWireType(field.mapKey)), field.mapKey, key);
      this.#single(field, 2, value, false, writer);
      writer.join();
      this.#path.pop();
    }
    this.#meter.leave();
  }

  #mapKey(type: ScalarType, name: string): string | bigint | boolean {
    if (type === ScalarType.STRING) return name;
    if (type === ScalarType.BOOL) {
      return (
        name === "true" || (name === "false" ? false : this.#path.refuse("is a key that is neither true nor false"))
      );
    }
    const range = rangeOf(type);
    const form = range.min === 0n ? /^[0-9]{1,20}$/ : /^[+-]?[0-9]{1,20}$/;
    const value = form.test(name) ? BigInt(name) : this.#path.refuse("is a key that is not a whole number");
    return value < range.min || value > range.max ? this.#path.refuse("is out of the type's range") : value;
  }

  /** A tag and a value; nothing where the value is the zero of a field that does not tell whether it is there. */
  #single(kind: Kind, number: number, node: JsonNode, implicit: boolean, writer: BinaryWriter): void {
    if (kind.message !== undefined) {
      if (kind.delimitedEncoding) {
        writer.tag(number, WireType.StartGroup);
        this.message(kind.message, node, writer);
        writer.tag(number, WireType.EndGroup);
        return;
      }
      writer.tag(number, WireType.LengthDelimited).fork();
      this.message(kind.message, node, writer);
      writer.join();
      return;
    }
    const type = kind.enum === undefined ? kind.scalar! : ScalarType.INT32;
    const value = kind.enum === undefined ? this.#scalar(type, node) : this.#enum(kind.enum, node);
    if (implicit && isZero(value)) return;
    writeScalar(writer.tag(number, scalarWireType(type)), type, value);
  }

  #plain(kind: Kind, node: JsonNode, writer: BinaryWriter): void {
    if (kind.enum !== undefined) writeScalar(writer, ScalarType.INT32, this.#enum(kind.enum, node));
    else writeScalar(writer, kind.scalar!, this.#scalar(kind.scalar!, node));
  }

  #scalar(type: ScalarType, node: JsonNode): ScalarValue {
    switch (type) {
      case ScalarType.STRING:
        return node.kind === "string" ? node.value : this.#path.refuse("is not a text");
      case ScalarType.BOOL:
        return node.kind === "boolean" ? node.value : this.#path.refuse("is neither true nor false");
      case ScalarType.BYTES:
        return node.kind === "string"
          ? this.#read(readBase64(node.value))
          : this.#path.refuse("is not a text of base64");
      case ScalarType.DOUBLE:
      case ScalarType.FLOAT:
        return this.#floating(type, node);
      default:
        if (node.kind !== "number" && node.kind !== "string") return this.#path.refuse("is not a number");
        return this.#integer(node.kind === "number" ? node.text : node.value, rangeOf(type));
    }
  }

  #integer(text: string, range: IntegerRange): bigint {
    const value = exactInteger(text, range);
    return typeof value === "bigint" ? value : this.#path.refuse(value);
  }

  #floating(type: ScalarType.DOUBLE | ScalarType.FLOAT, node: JsonNode): number {
    if (node.kind !== "number" && node.kind !== "string") return this.#path.refuse("is not a number");
    const text = node.kind === "number" ? node.text : node.value;
    if (node.kind === "string") {
      if (text === "NaN") return Number.NaN;
      if (text === "Infinity") return Number.POSITIVE_INFINITY;
      if (text === "-Infinity") return Number.NEGATIVE_INFINITY;
    }
    const value = type === ScalarType.FLOAT ? exactFloat(text) : exactDouble(text);
    if (typeof value === "string") return this.#path.refuse(value);
    if (type === ScalarType.DOUBLE && Object.is(value, -0) && !/^[^eE]*[1-9]/.test(text)) {
      this.#path.refuse("is a negative zero, which not every reader keeps");
    }
    return value;
  }

  #enum(type: DescEnum, node: JsonNode): bigint {
    if (node.kind === "null" && type.typeName === NULL_VALUE) return 0n;
    if (node.kind === "string") {
      const found = type.values.find((value) => value.name === node.value);
      return found === undefined ? this.#path.refuse(`is no name of ${type.typeName}`) : BigInt(found.number);
    }
    if (node.kind !== "number") return this.#path.refuse(`is neither a name nor a number of ${type.typeName}`);
    const number = this.#integer(node.text, rangeOf(ScalarType.INT32));
    if (!type.open && !type.values.some((value) => BigInt(value.number) === number)) {
      this.#path.refuse(`is no number of ${type.typeName}`);
    }
    return number;
  }

  #wrapper(schema: DescMessage, node: JsonNode, writer: BinaryWriter): void {
    const [field] = schema.fields;
    this.#single(field as Kind, 1, node, true, writer);
  }

  #time(
    schema: DescMessage,
    node: JsonNode,
    read: (text: string) => Read<SecondsAndNanos>,
    writer: BinaryWriter,
  ): void {
    if (node.kind !== "string") this.#path.refuse(`is not the text of a ${schema.typeName}`);
    const { seconds, nanos } = this.#read(read(node.value));
    if (seconds !== 0n) writer.tag(1, WireType.Varint).int64(seconds);
    if (nanos !== 0) writer.tag(2, WireType.Varint).int32(nanos);
  }

  #fieldMask(node: JsonNode, writer: BinaryWriter): void {
    if (node.kind !== "string") this.#path.refuse("is not the text of a google.protobuf.FieldMask");
    for (const path of this.#read(readFieldMask(node.value))) writer.tag(1, WireType.LengthDelimited).string(path);
  }

  #struct(schema: DescMessage, node: JsonNode, writer: BinaryWriter): void {
    this.#map(schema.fields[0] as Extract<DescField, { fieldKind: "map" }>, this.#object(node), writer);
  }

  #listValue(schema: DescMessage, node: JsonNode, writer: BinaryWriter): void {
    this.#list(schema.fields[0] as Extract<DescField, { fieldKind: "list" }>, node, writer);
  }

  #value(schema: DescMessage, node: JsonNode, writer: BinaryWriter): void {
    switch (node.kind) {
      case "null":
        writer.tag(1, WireType.Varint).int32(0);
        return;
      case "number": {
        const value = exactDouble(node.text);
        if (typeof value === "string") this.#path.refuse(value);
        writer.tag(2, WireType.Bit64).double(value);
        return;
      }
      case "string":
        writer.tag(3, WireType.LengthDelimited).string(node.value);
        return;
      case "boolean":
        writer.tag(4, WireType.Varint).bool(node.value);
        return;
      case "object":
      case "array": {
        const number = node.kind === "object" ? 5 : 6;
        const inner = schema.fields.find((field) => field.number === number)!.message!;
        writer.tag(number, WireType.LengthDelimited).fork();
        this.message(inner, node, writer);
        writer.join();
      }
    }
  }

  #any(node: JsonNode, writer: BinaryWriter): void {
    const { fields } = this.#object(node);
    if (fields.size === 0) return;
    this.#path.push("@type");
    const named = fields.get("@type");
    if (named?.kind !== "string") this.#path.refuse("is not the text of a type URL");
    const typeUrl = named.value;
    const schema = this.#registry.getMessage(typeNameOf(typeUrl) ?? this.#path.refuse("is not a type URL"));
    if (schema === undefined)
      this.#path.refuse(`names the type ${shownName(typeNameOf(typeUrl)!)}, which is not known here`);
    this.#path.pop();
    const rest = new Map(fields);
    rest.delete("@type");
    const content = new BinaryWriter();
    if (SPECIAL.has(schema.typeName)) this.#anyValue(schema, rest, content);
    else if (schema.typeName === EMPTY && rest.size > 0) this.#path.refuse(`holds a ${EMPTY}, which has no fields`);
    else this.#fields(schema, rest, content);
    writer.tag(1, WireType.LengthDelimited).string(typeUrl);
    const value = content.finish();
    if (value.length > 0) writer.tag(2, WireType.LengthDelimited).bytes(value);
  }

  #anyValue(schema: DescMessage, rest: ReadonlyMap<string, JsonNode>, writer: BinaryWriter): void {
    const value = rest.get("value");
    if (value === undefined || rest.size !== 1) {
      this.#path.refuse(`holds a ${schema.typeName}, which stands in a field named value, and nothing else`);
    }
    this.#path.push("value");
    if (value.kind === "null" && schema.typeName !== VALUE) this.#path.refuse("is null");
    this.message(schema, value, writer);
    this.#path.pop();
  }

  #read<T>(read: Read<T>): T {
    return typeof read === "string" ? this.#path.refuse(read) : read.value;
  }

  /** Fields by both of their names; undefined for a name that two fields have, on which readers differ. */
  #namesOf(schema: DescMessage): ReadonlyMap<string, DescField | undefined> {
    const known = this.#names.get(schema);
    if (known !== undefined) return known;
    const names = new Map<string, DescField | undefined>();
    for (const field of schema.fields) {
      for (const name of new Set([jsonNameOf(field), field.name])) names.set(name, names.has(name) ? undefined : field);
    }
    this.#names.set(schema, names);
    return names;
  }
}

/** Where null is a value, and not the absence of one. */
function takesNull(field: DescField): boolean {
  return field.fieldKind !== "list" && field.fieldKind !== "map" && kindTakesNull(field);
}

function kindTakesNull(kind: Kind): boolean {
  return kind.message?.typeName === VALUE || kind.enum?.typeName === NULL_VALUE;
}

function compareKeys(one: string | bigint | boolean, other: string | bigint | boolean): number {
  if (typeof one === "string") return Buffer.compare(Buffer.from(one), Buffer.from(other as string));
  return one < other ? -1 : 1;
}

/** What stands behind the last slash; undefined without a slash or a name. */
function typeNameOf(typeUrl: string): string | undefined {
  const slash = typeUrl.lastIndexOf("/");
  const name = typeUrl.slice(slash + 1);
  return slash < 0 || name === "" ? undefined : name;
}
