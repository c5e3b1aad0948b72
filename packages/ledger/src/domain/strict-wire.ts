import type { DescField, DescMessage } from "@bufbuild/protobuf";
import { BinaryReader, WireType } from "@bufbuild/protobuf/wire";
import { AnySchema } from "@bufbuild/protobuf/wkt";
import { scalarWireType } from "@p8e/decoding";
import { sdkRefusal } from "./refusal.ts";

/**
 * Refuses what a permissive decoder would drop or repair: unknown fields anywhere, wrong wire types, and in the outer
 * envelope fields out of order and lengths that are longer than needed. A signature must cover one reading only
 * (cosmos-sdk: codec/unknownproto, x/auth/tx/decoder.go).
 */
const DEPTH_MAX = 40;
/** Unknown fields of a body whose number has this bit set are not critical. */
const NOT_CRITICAL = 1 << 10;

/**
 * The type that a URL names where messages are packed into the field `holder` (its message's full name and its own):
 * undefined where a node knows none for that place, "opaque" where it does and the embedded ledger does not.
 */
export type ResolveType = (typeUrl: string, holder: string) => DescMessage | "opaque" | undefined;

/** What decoding is strict about. */
export interface StrictOptions {
  readonly resolve: ResolveType;
  readonly allowNotCritical: boolean;
}

/** Every field is known, inside packed messages too. @throws Refusal `sdk/2` */
export function requireKnownFields(bytes: Uint8Array, schema: DescMessage, options: StrictOptions): void {
  requireFields(bytes, schema, options, { depth: 0, holder: "" });
}

interface Place {
  readonly depth: number;
  /** The field that holds the message, as resolvers know it. */
  readonly holder: string;
}

function requireFields(bytes: Uint8Array, schema: DescMessage, options: StrictOptions, place: Place): void {
  const { depth } = place;
  if (depth > DEPTH_MAX) throw malformed("messages are nested too deeply");
  const reader = new BinaryReader(bytes);
  let typeUrl = "";
  let value: Uint8Array | undefined;
  while (reader.pos < reader.len) {
    const [number, wireType] = readTag(reader);
    const field = schema.fields.find((candidate) => candidate.number === number);
    if (field === undefined) {
      if (!options.allowNotCritical || (number & NOT_CRITICAL) === 0) {
        throw malformed(`errUnknownField "${schema.typeName}": {TagNum: ${number}, WireType: ${wireType}}`);
      }
      skip(reader, number, wireType);
      continue;
    }
    if (!wireTypes(field).includes(wireType)) {
      throw malformed(`errMismatchedWireType "${schema.typeName}": field ${field.name} has wire type ${wireType}`);
    }
    if (wireType !== WireType.LengthDelimited) {
      skip(reader, number, wireType);
      continue;
    }
    const content = readBytes(reader);
    const inner = messageOf(field);
    const holder = `${schema.typeName}.${field.name}`;
    if (inner !== undefined) requireFields(content, inner, options, { depth: depth + 1, holder });
    else if (schema.typeName === AnySchema.typeName && number === 1) typeUrl = new TextDecoder().decode(content);
    else if (schema.typeName === AnySchema.typeName) value = content;
  }
  if (schema.typeName !== AnySchema.typeName) return;
  const content = options.resolve(typeUrl, place.holder);
  if (content === undefined) throw malformed(`unable to resolve type URL ${typeUrl.slice(0, 200)}`);
  if (content !== "opaque") requireFields(value ?? new Uint8Array(0), content, options, { ...place, depth: depth + 1 });
}

/** The outer envelope: fields ascend, and every tag and length is as short as possible. @throws Refusal `sdk/2` */
export function requireCanonicalEnvelope(bytes: Uint8Array): void {
  const reader = new BinaryReader(bytes);
  let previous = 0;
  while (reader.pos < reader.len) {
    const [number, wireType] = readTag(reader);
    if (wireType !== WireType.LengthDelimited) throw malformed(`expected 2 wire type, got ${wireType}`);
    if (number < previous) throw malformed(`txRaw must follow ADR-027, got tagNum ${number} after tagNum ${previous}`);
    previous = number;
    const start = reader.pos;
    const length = readUint32(reader);
    let shortest = 1;
    for (let rest = length >>> 7; rest > 0; rest >>>= 7) shortest++;
    if (reader.pos - start !== shortest) {
      throw malformed(`length prefix varint for tagNum ${number} is not as short as possible`);
    }
    if (reader.pos + length > reader.len) throw malformed("unexpected end of the transaction");
    reader.pos += length;
  }
}

function malformed(detail: string): Error {
  return sdkRefusal("transactionUndecodable", detail);
}

function guarded<T>(read: () => T): T {
  try {
    return read();
  } catch {
    throw malformed("malformed protobuf");
  }
}

function readTag(reader: BinaryReader): [number, WireType] {
  return guarded(() => reader.tag());
}

function readUint32(reader: BinaryReader): number {
  return guarded(() => reader.uint32());
}

function readBytes(reader: BinaryReader): Uint8Array {
  return guarded(() => reader.bytes());
}

function skip(reader: BinaryReader, number: number, wireType: WireType): void {
  guarded(() => reader.skip(wireType, number));
}

function messageOf(field: DescField): DescMessage | undefined {
  if (field.fieldKind === "message") return field.message;
  return field.fieldKind === "list" && field.listKind === "message" ? field.message : undefined;
}

function wireTypes(field: DescField): readonly WireType[] {
  switch (field.fieldKind) {
    case "message":
    case "map":
      return [WireType.LengthDelimited];
    case "enum":
      return [WireType.Varint];
    case "scalar":
      return [scalarWireType(field.scalar)];
    case "list":
      if (field.listKind === "message") return [WireType.LengthDelimited];
      if (field.listKind === "enum") return [WireType.Varint, WireType.LengthDelimited];
      return [scalarWireType(field.scalar), WireType.LengthDelimited];
  }
}
