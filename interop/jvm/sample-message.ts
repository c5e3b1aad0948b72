// Messages with every field filled, so that two implementations of one .proto file can be compared field by field.
import { create, type DescField, type DescMessage, type Message, ScalarType } from "@bufbuild/protobuf";
import { type ReflectMessage, reflect } from "@bufbuild/protobuf/reflect";

/** Types whose JSON needs a registry or that have no fields of their own to compare. */
const LEFT_OUT = new Set(["google.protobuf.Any", "google.protobuf.Struct", "google.protobuf.Value"]);
const DEPTH_MAX = 4;

/**
 * A message with a value of its own in each field, four levels deep. Of a oneof only one field can be set: `variant`
 * says which.
 */
export function sampleMessage(desc: DescMessage, variant: number, depth = 0): Message {
  const message = create(desc);
  const reflected = reflect(desc, message);
  for (const field of desc.fields) {
    if (field.oneof && field.oneof.fields[variant % field.oneof.fields.length] !== field) continue;
    fill(reflected, field, variant, depth);
  }
  return message;
}

/** How many variants it takes to set each field of every oneof once. */
export function variantsOf(desc: DescMessage): number {
  return Math.max(1, ...desc.oneofs.map((oneof) => oneof.fields.length));
}

function fill(message: ReflectMessage, field: DescField, variant: number, depth: number): void {
  const element = (salt: number) => {
    if (field.scalar !== undefined) return scalarSample(field.scalar, field.number * 10 + salt);
    if (field.enum) return field.enum.values[Math.min(1 + variant, field.enum.values.length - 1)]?.number ?? 0;
    if (!field.message || LEFT_OUT.has(field.message.typeName) || depth >= DEPTH_MAX) return undefined;
    if (
      field.message.typeName === "google.protobuf.Timestamp" ||
      field.message.typeName === "google.protobuf.Duration"
    ) {
      return reflect(
        field.message,
        create(field.message, { seconds: BigInt(1_700_000_000 + salt), nanos: 120_000_000 }),
      );
    }
    return reflect(field.message, sampleMessage(field.message, variant, depth + 1));
  };
  const [first, second] = [element(1), element(2)];
  if (first === undefined || second === undefined) return;
  if (field.fieldKind === "list") {
    const list = message.get(field);
    list.add(first);
    list.add(second);
  } else if (field.fieldKind === "map") {
    message.get(field).set(scalarSample(field.mapKey, 7) as string, first);
  } else message.set(field, first);
}

function scalarSample(type: ScalarType, salt: number): unknown {
  switch (type) {
    case ScalarType.STRING:
      return `text ${salt} ü`;
    case ScalarType.BYTES:
      return Uint8Array.of(0xff, salt & 0xff, salt >> 8);
    case ScalarType.BOOL:
      return true;
    case ScalarType.DOUBLE:
    case ScalarType.FLOAT:
      return salt + 0.5;
    case ScalarType.UINT64:
    case ScalarType.FIXED64:
      return 2n ** 63n + BigInt(salt);
    case ScalarType.INT64:
    case ScalarType.SINT64:
    case ScalarType.SFIXED64:
      return -(2n ** 62n) - BigInt(salt);
    default:
      return salt;
  }
}
