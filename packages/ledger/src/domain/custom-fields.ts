import { type DescField, type DescMessage, fromBinary, type Message, ScalarType, toBinary } from "@bufbuild/protobuf";
import { type ReflectMessage, reflect } from "@bufbuild/protobuf/reflect";
import {
  type Any,
  AnySchema,
  type Duration,
  DurationSchema,
  type Timestamp,
  TimestampSchema,
} from "@bufbuild/protobuf/wkt";
import * as cosmos from "@p8e/proto/cosmos";
import { metadataBytes, metadataKind } from "./addresses.ts";
import { parseGoInteger } from "./go-integer.ts";
import { Refusal, sdkRefusal } from "./refusal.ts";
import type { ResolveType } from "./strict-wire.ts";

/** Bytes fields of metadata messages that hold no metadata address. */
const otherBytes = new Set([
  "provenance.metadata.v1.Session.context",
  "provenance.metadata.v1.ContractSpecification.resource_id",
]);

/** As deep as messages may be packed into each other, and as many as one message may hold (cosmos-sdk: UnpackAny). */
const PACKED_DEPTH_MAX = 10;
const PACKED_COUNT_MAX = 100;

interface Reading {
  readonly resolve: ResolveType;
  /** How many packed messages lie around this one. */
  readonly depth: number;
  /** How many more may be unpacked inside the outermost packed one. */
  readonly count: { left: number };
}

/**
 * Fields that a node reads with code of its own when it decodes: what does not fit is undecodable, and what fits in
 * another form gets its usual one. Metadata addresses are binary, and their bech32 text is taken too (provenance:
 * x/metadata/types/address.go, Unmarshal); amounts of coins are Go's literals; times and durations have the range of
 * Go's; packed messages are of a type that is expected where they are. Changes `message`, which the caller just decoded.
 * @throws Refusal `sdk/2`
 */
export function readCustomFields(schema: DescMessage, message: Message, resolve: ResolveType): void {
  normalize(reflect(schema, message as never), { resolve, depth: 0, count: { left: PACKED_COUNT_MAX } });
}

function normalize(message: ReflectMessage, reading: Reading): void {
  for (const field of message.fields) {
    if (!message.isSet(field)) continue;
    if (field.fieldKind === "message") {
      message.set(field, inner(message.get(field), field, reading));
    } else if (field.fieldKind === "scalar") {
      if (isAddress(field, field.scalar)) message.set(field, binary(message.get(field) as Uint8Array));
      else if (isAmount(field)) message.set(field, amount(message.get(field) as string));
    } else if (field.fieldKind === "list") {
      const list = message.get(field);
      for (let index = 0; index < list.size; index++) {
        if (field.listKind === "message") list.set(index, inner(list.get(index) as ReflectMessage, field, reading));
        else if (field.listKind === "scalar" && isAddress(field, field.scalar)) {
          list.set(index, binary(list.get(index) as Uint8Array));
        }
      }
    }
  }
}

function inner(message: ReflectMessage, field: DescField, reading: Reading): ReflectMessage {
  switch (message.desc.typeName) {
    case AnySchema.typeName:
      return reflect(AnySchema, unpacked(message.message as Any, field, reading));
    case TimestampSchema.typeName:
      requireTime(message.message as Timestamp);
      return message;
    case DurationSchema.typeName:
      requireDuration(message.message as Duration);
      return message;
    default:
      normalize(message, reading);
      return message;
  }
}

/** The packed message, packed again when its own fields have been read. */
function unpacked(any: Any, field: DescField, reading: Reading): Any {
  const { resolve, depth } = reading;
  const count = depth === 0 ? { left: PACKED_COUNT_MAX } : reading.count;
  if (depth >= PACKED_DEPTH_MAX) throw undecodable("max depth exceeded");
  if (count.left-- <= 0) throw undecodable("call limit exceeded");
  const schema = resolve(any.typeUrl, holderOf(field));
  if (schema === undefined) throw undecodable(`unable to resolve type URL ${any.typeUrl.slice(0, 200)}`);
  if (schema === "opaque") return any;
  try {
    const message = fromBinary(schema, any.value);
    normalize(reflect(schema, message), { resolve, depth: depth + 1, count });
    return { ...any, value: toBinary(schema, message) };
  } catch (error) {
    if (error instanceof Refusal) throw error;
    throw undecodable(`malformed ${any.typeUrl}`);
  }
}

/** How a resolver knows what may be packed into a field: its message's full name and its own. */
export function holderOf(field: DescField): string {
  return `${field.parent.typeName}.${field.name}`;
}

function isAddress(field: DescField, scalar: ScalarType): boolean {
  return (
    scalar === ScalarType.BYTES &&
    field.parent.typeName.startsWith("provenance.metadata.v1.") &&
    !otherBytes.has(holderOf(field))
  );
}

function isAmount(field: DescField): boolean {
  return field.parent.typeName === cosmos.coin.CoinSchema.typeName && field.name === "amount";
}

function binary(bytes: Uint8Array): Uint8Array {
  if (bytes.length === 0 || metadataKind(bytes) !== undefined) return bytes;
  const fromText = metadataBytes(new TextDecoder().decode(bytes));
  if (fromText === undefined) throw undecodable("invalid metadata address bytes");
  return fromText;
}

/** No text at all is no number either, which handlers see; it decodes. */
function amount(text: string): string {
  if (text === "") return text;
  const value = parseGoInteger(text);
  if (value === undefined) throw undecodable(`"${text.slice(0, 100)}" is no whole number of at most 256 bits`);
  return value.toString();
}

/** Years 1 to 9999. */
const SECONDS_MIN = -62_135_596_800n;
const SECONDS_END = 253_402_300_800n;

function requireTime({ seconds, nanos }: Timestamp): void {
  if (seconds < SECONDS_MIN || seconds >= SECONDS_END || nanos < 0 || nanos >= 1_000_000_000) {
    throw undecodable(`no time: ${seconds} s, ${nanos} ns`);
  }
}

/** Go counts nanoseconds in 64 bits: some 292 years. */
function requireDuration({ seconds, nanos }: Duration): void {
  const whole = seconds * 1_000_000_000n + BigInt(nanos);
  const fits = Math.abs(nanos) < 1_000_000_000 && (seconds === 0n || nanos === 0 || seconds > 0n === nanos > 0);
  if (!fits || BigInt.asIntN(64, whole) !== whole) throw undecodable(`no duration: ${seconds} s, ${nanos} ns`);
}

function undecodable(detail: string): Refusal {
  return sdkRefusal("transactionUndecodable", detail);
}
