import { isUtf8 } from "node:buffer";
import { type DescField, type DescMessage, ScalarType } from "@bufbuild/protobuf";
import { WireType } from "@bufbuild/protobuf/wire";
import type { DecodingBudget } from "./decoding-budget.ts";
import { type FieldPath, jsonNameOf } from "./field-path.ts";
import { Meter } from "./meter.ts";
import { scalarWireType } from "./scalar-wire-type.ts";

const FIELD_NUMBER_MAX = 0x1fffffff;
const TAG_MAX = 0xffffffff;
/** Go's and Java's readers take longer ones, with zeros before the number; the runtime library here does not. */
const TAG_BYTES_MAX = 5;
/** How many values of an enum are looked at in the time that a field takes. */
const COMPARED_PER_FIELD = 64;

/** The price list of {@link DecodingBudget.resultBytes}, generous to the decoder. */
const price = {
  message: 64,
  singular: 16,
  list: 48,
  map: 80,
  oneof: 64,
  number: 24,
  text: 32,
  bytes: 160,
  entry: 64,
  element: 8,
  unknown: 256,
} as const;

/** What reading a message's fields needs to know, made once for each type that is met. */
interface TypePlan {
  readonly fields: ReadonlyMap<number, FieldPlan>;
  /** What a message of the type takes before any field is read. */
  readonly bytes: number;
  /** Numbers of fields that must be there. */
  readonly required: readonly number[];
  /** Whether a field of it is a `google.protobuf.Struct`. */
  readonly hasStruct: boolean;
}

interface FieldPlan {
  readonly name: string;
  readonly wireType: number;
  /** A list of numbers, which may also be packed. */
  readonly packable: boolean;
  readonly isMap: boolean;
  readonly validUtf8: boolean;
  readonly isText: boolean;
  /** Of `double` and `float`. */
  readonly isFloating: boolean;
  /** One `google.protobuf.Struct`, which a decoder keeps as JSON: it is made anew each time that more of it comes. */
  readonly isStruct: boolean;
  /** What reading it takes beyond one field, in fields: a value of a closed enum is looked for among all that it has. */
  readonly work: number;
  readonly bytes: number;
  readonly message: DescMessage | undefined;
  /** Of a map's entries. */
  readonly key: FieldPlan | undefined;
  readonly value: FieldPlan | undefined;
}

/**
 * Goes through a serialized message without decoding it: that it is one, that every field it knows has a wire type its
 * declaration can have, that texts are UTF-8, that required fields are there, and that decoding it stays within the
 * budget. Decoders differ on a known field under another wire type (some take it for an unknown one, some read a number
 * out of it), and whoever signs must know what everybody reads.
 *
 * Unknown fields may be there. What a google.protobuf.Any holds is bytes.
 *
 * @param oneNaN also refuses a NaN in other bits than the usual ones: whether such bits outlive being read and written
 *   depends on the processor
 * @returns what decoding would make, in fields: those that a message has and that are not there are among them
 * @throws DecodingFault
 */
export function scanMessage(
  schema: DescMessage,
  bytes: Uint8Array,
  budget: DecodingBudget,
  path: FieldPath,
  oneNaN = false,
): number {
  const meter = new Meter(budget, path);
  meter.bytes(bytes.length);
  const scan = new Scan(bytes, meter, path, oneNaN);
  scan.message(schema, bytes.length, undefined);
  return scan.declared + meter.fieldsRead;
}

class Scan {
  readonly #bytes: Uint8Array;
  readonly #meter: Meter;
  readonly #path: FieldPath;
  readonly #oneNaN: boolean;
  readonly #plans = new Map<DescMessage, TypePlan>();
  /** The fields that the messages gone through have by their declaration. */
  declared = 0;
  #at = 0;

  constructor(bytes: Uint8Array, meter: Meter, path: FieldPath, oneNaN: boolean) {
    this.#bytes = bytes;
    this.#meter = meter;
    this.#path = path;
    this.#oneNaN = oneNaN;
  }

  /** Up to `end`, or of a group to its end tag. */
  message(schema: DescMessage, end: number, group: number | undefined): void {
    const plan = this.#planOf(schema);
    this.#meter.enter();
    this.#meter.result(plan.bytes);
    this.declared += plan.fields.size;
    const missing = plan.required.length === 0 ? undefined : new Set(plan.required);
    const structs = plan.hasStruct ? new Map<number, number>() : undefined;
    for (;;) {
      if (this.#at >= end) {
        if (group !== undefined) this.#path.refuse("ends within a group");
        break;
      }
      const tag = this.#tag(end);
      const number = Math.floor(tag / 8);
      const wireType = tag & 7;
      if (number === 0 || number > FIELD_NUMBER_MAX) this.#path.refuse("has a field number that none can have");
      if (wireType === WireType.EndGroup) {
        if (number !== group) this.#path.refuse("has the end of a group that did not begin");
        break;
      }
      const field = plan.fields.get(number);
      if (field === undefined) {
        this.#meter.field(price.unknown);
        this.#skip(wireType, number, end);
        continue;
      }
      missing?.delete(number);
      this.#path.push(field.name);
      const before = this.#meter.fieldsRead;
      this.#field(field, wireType, number, end);
      if (field.isStruct) this.#again(structs!, number, before);
      this.#path.pop();
    }
    if (missing !== undefined && missing.size > 0) {
      const [first] = missing;
      this.#path.refuse(`lacks its required field ${plan.fields.get(first!)!.name}`);
    }
    this.#meter.leave();
  }

  /** Charges for what of a struct was there already. */
  #again(structs: Map<number, number>, number: number, before: number): void {
    const earlier = structs.get(number) ?? 0;
    structs.set(number, earlier + this.#meter.fieldsRead - before);
    this.#meter.fields(earlier, 0);
  }

  #field(field: FieldPlan, wireType: number, number: number, end: number): void {
    if (field.packable && wireType === WireType.LengthDelimited) {
      this.#packed(field, this.#length(end));
      return;
    }
    if (wireType !== field.wireType) {
      this.#path.refuseAmbiguous(`has the wire type ${wireType}, and its declaration has ${field.wireType}`);
    }
    this.#meter.field(field.bytes);
    if (field.work > 0) this.#meter.fields(field.work, 0);
    if (field.isMap) this.#entry(field, this.#length(end));
    else this.#value(field, number, end);
  }

  #value(field: FieldPlan, number: number, end: number): void {
    if (field.message !== undefined) {
      if (field.wireType === WireType.StartGroup) this.message(field.message, end, number);
      else this.message(field.message, this.#length(end), undefined);
      return;
    }
    if (field.wireType !== WireType.LengthDelimited) {
      this.#number(field.wireType, end);
      if (field.isFloating && this.#oneNaN) this.#floating(field.wireType);
      return;
    }
    const stop = this.#length(end);
    if (field.isText) {
      this.#meter.result(2 * (stop - this.#at));
      if (field.validUtf8 && !isUtf8(this.#bytes.subarray(this.#at, stop)))
        this.#path.refuse("is a text that is not UTF-8");
    }
    this.#at = stop;
  }

  #packed(field: FieldPlan, stop: number): void {
    while (this.#at < stop) {
      this.#meter.field(field.bytes);
      this.#number(field.wireType, stop);
      if (field.isFloating && this.#oneNaN) this.#floating(field.wireType);
    }
  }

  #entry(field: FieldPlan, stop: number): void {
    this.#meter.enter();
    const structs = field.value!.isStruct ? new Map<number, number>() : undefined;
    while (this.#at < stop) {
      const tag = this.#tag(stop);
      const number = Math.floor(tag / 8);
      const wireType = tag & 7;
      const part = number === 1 ? field.key : number === 2 ? field.value : undefined;
      if (part === undefined) {
        if (number === 0 || number > FIELD_NUMBER_MAX || wireType === WireType.EndGroup) {
          this.#path.refuse("has an entry with a field number that none can have");
        }
        this.#meter.field(price.unknown);
        this.#skip(wireType, number, stop);
        continue;
      }
      this.#path.push(part.name);
      if (wireType !== part.wireType) {
        this.#path.refuseAmbiguous(`has the wire type ${wireType}, and its declaration has ${part.wireType}`);
      }
      const before = this.#meter.fieldsRead;
      this.#meter.field(part.bytes);
      this.#value(part, number, stop);
      if (part.isStruct) this.#again(structs!, number, before);
      this.#path.pop();
    }
    this.#meter.leave();
  }

  #number(wireType: number, end: number): void {
    if (wireType === WireType.Varint) this.#skipVarint(end);
    else this.#advance(wireType === WireType.Bit64 ? 8 : 4, end);
  }

  /** The number just gone through. */
  #floating(wireType: number): void {
    const at = this.#at - (wireType === WireType.Bit64 ? 8 : 4);
    const view = new DataView(this.#bytes.buffer, this.#bytes.byteOffset + at);
    const high = view.getUint32(wireType === WireType.Bit64 ? 4 : 0, true);
    const low = wireType === WireType.Bit64 ? view.getUint32(0, true) : 0;
    const [infinity, usual] = wireType === WireType.Bit64 ? [0x7ff00000, 0x7ff80000] : [0x7f800000, 0x7fc00000];
    const bits = high & 0x7fffffff;
    const noNumber = bits > infinity || (bits === infinity && low !== 0);
    if (noNumber && (high !== usual || low !== 0))
      this.#path.refuseAmbiguous("is a NaN in other bits than the usual ones");
  }

  #skip(wireType: number, number: number, end: number): void {
    switch (wireType) {
      case WireType.Varint:
      case WireType.Bit64:
      case WireType.Bit32:
        this.#number(wireType, end);
        return;
      case WireType.LengthDelimited:
        this.#at = this.#length(end);
        return;
      case WireType.StartGroup:
        this.#skipGroup(number, end);
        return;
      default:
        this.#path.refuse(`has a field with the wire type ${wireType}, which there is not`);
    }
  }

  #skipGroup(number: number, end: number): void {
    this.#meter.enter();
    for (;;) {
      const tag = this.#tag(end);
      const inner = Math.floor(tag / 8);
      if (inner === 0 || inner > FIELD_NUMBER_MAX) this.#path.refuse("has a field number that none can have");
      if ((tag & 7) === WireType.EndGroup) {
        if (inner !== number) this.#path.refuse("has the end of a group that did not begin");
        break;
      }
      this.#meter.field(0);
      this.#skip(tag & 7, inner, end);
    }
    this.#meter.leave();
  }

  /** Where what is announced here ends; within `end`. */
  #length(end: number): number {
    const stop = this.#varint(end, 0x7fffffff);
    if (stop > end - this.#at) this.#path.refuse("ends before its announced length");
    return this.#at + stop;
  }

  #advance(count: number, end: number): void {
    if (count > end - this.#at) this.#path.refuse("ends within a number");
    this.#at += count;
  }

  #skipVarint(end: number): void {
    for (let length = 1; length <= 10; length++) {
      if (this.#at >= end) this.#path.refuse("ends within a number");
      const byte = this.#bytes[this.#at++]!;
      if (byte < 0x80) return;
    }
    this.#path.refuse("has a number of more than ten bytes");
  }

  #tag(end: number): number {
    const start = this.#at;
    const tag = this.#varint(end, TAG_MAX);
    if (this.#at - start > TAG_BYTES_MAX) {
      this.#path.refuseAmbiguous(`has a tag of more than ${TAG_BYTES_MAX} bytes, which some readers refuse`);
    }
    return tag;
  }

  #varint(end: number, max: number): number {
    let value = 0;
    for (let scale = 1; scale <= 2 ** 63; scale *= 128) {
      if (this.#at >= end) this.#path.refuse("ends within a number");
      const byte = this.#bytes[this.#at++]!;
      value += (byte & 0x7f) * scale;
      if (value > max) break;
      if (byte < 0x80) return value;
    }
    return this.#path.refuse("has a tag or a length that none can have");
  }

  #planOf(schema: DescMessage): TypePlan {
    const known = this.#plans.get(schema);
    if (known !== undefined) return known;
    const fields = new Map<number, FieldPlan>();
    let bytes = price.message as number;
    const required: number[] = [];
    let hasStruct = false;
    for (const field of schema.fields) {
      const one = planOf(field);
      fields.set(field.number, one);
      hasStruct ||= one.isStruct;
      bytes += field.fieldKind === "list" ? price.list : field.fieldKind === "map" ? price.map : price.singular;
      if (field.presence === LEGACY_REQUIRED) required.push(field.number);
    }
    bytes += schema.oneofs.length * price.oneof;
    const plan = { fields, bytes, required, hasStruct };
    this.#plans.set(schema, plan);
    return plan;
  }
}

/** `google.protobuf.FeatureSet.FieldPresence.LEGACY_REQUIRED` */
const LEGACY_REQUIRED = 3;

function planOf(field: DescField): FieldPlan {
  const plan = { name: jsonNameOf(field), validUtf8: field.utf8Validation, isMap: false, packable: false };
  const none = {
    ...{ message: undefined, key: undefined, value: undefined },
    ...{ isText: false, isFloating: false, isStruct: false, work: 0 },
  };
  switch (field.fieldKind) {
    case "scalar":
      return { ...plan, ...none, ...scalarPlan(field.scalar) };
    case "enum": {
      // What a closed enum does not have is kept as an unknown field.
      const closed = { work: Math.floor(field.enum.values.length / COMPARED_PER_FIELD), bytes: price.unknown };
      const read = field.enum.open ? { bytes: price.number } : closed;
      return { ...plan, ...none, wireType: WireType.Varint, ...read };
    }
    case "message": {
      const wireType = field.delimitedEncoding ? WireType.StartGroup : WireType.LengthDelimited;
      const { message } = field;
      return { ...plan, ...none, wireType, bytes: 0, message, isStruct: isStruct(field) };
    }
    case "list": {
      if (field.listKind === "message") {
        const wireType = field.delimitedEncoding ? WireType.StartGroup : WireType.LengthDelimited;
        return { ...plan, ...none, wireType, bytes: price.element, message: field.message };
      }
      if (field.listKind === "enum") {
        return { ...plan, ...none, wireType: WireType.Varint, bytes: price.number, packable: true };
      }
      const scalar = scalarPlan(field.scalar);
      return {
        ...plan,
        ...none,
        ...scalar,
        bytes: scalar.bytes + price.element,
        packable: scalar.wireType !== WireType.LengthDelimited,
      };
    }
    case "map": {
      const key = { ...plan, ...none, ...scalarPlan(field.mapKey), name: "key" };
      const value =
        field.mapKind === "scalar"
          ? { ...none, ...scalarPlan(field.scalar) }
          : field.mapKind === "enum"
            ? { ...none, wireType: WireType.Varint, bytes: price.number }
            : {
                ...none,
                wireType: WireType.LengthDelimited,
                bytes: 0,
                message: field.message,
                isStruct: isStruct(field),
              };
      return {
        ...plan,
        ...none,
        wireType: WireType.LengthDelimited,
        bytes: price.entry,
        isMap: true,
        key,
        value: { ...plan, ...value, name: "value" },
      };
    }
  }
}

/** As the runtime library has it: within a `google.protobuf.Value` a struct is kept as the message it is. */
function isStruct(field: DescField): boolean {
  return field.message?.typeName === "google.protobuf.Struct" && field.parent.typeName !== "google.protobuf.Value";
}

function scalarPlan(type: ScalarType): Pick<FieldPlan, "wireType" | "bytes" | "isText" | "isFloating"> {
  const isText = type === ScalarType.STRING;
  const bytes = isText ? price.text : type === ScalarType.BYTES ? price.bytes : price.number;
  const isFloating = type === ScalarType.DOUBLE || type === ScalarType.FLOAT;
  return { wireType: scalarWireType(type), bytes, isText, isFloating };
}
