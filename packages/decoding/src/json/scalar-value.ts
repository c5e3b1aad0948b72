import { ScalarType } from "@bufbuild/protobuf";
import type { BinaryWriter } from "@bufbuild/protobuf/wire";
import type { IntegerRange } from "./exact-number.ts";

/** What a scalar field may hold: whole numbers of every width as bigint, so that none is rounded. */
export type ScalarValue = string | number | bigint | boolean | Uint8Array;

const int32: IntegerRange = { min: -(2n ** 31n), max: 2n ** 31n - 1n };
const int64: IntegerRange = { min: -(2n ** 63n), max: 2n ** 63n - 1n };
const uint32: IntegerRange = { min: 0n, max: 2n ** 32n - 1n };
const uint64: IntegerRange = { min: 0n, max: 2n ** 64n - 1n };

/** Which whole numbers a type has. */
export function rangeOf(type: ScalarType): IntegerRange {
  switch (type) {
    case ScalarType.INT64:
    case ScalarType.SINT64:
    case ScalarType.SFIXED64:
      return int64;
    case ScalarType.UINT64:
    case ScalarType.FIXED64:
      return uint64;
    case ScalarType.UINT32:
    case ScalarType.FIXED32:
      return uint32;
    default:
      return int32;
  }
}

/** Whether a field that does not tell if it is there is left out with this value. */
export function isZero(value: ScalarValue): boolean {
  if (typeof value === "string") return value === "";
  if (typeof value === "bigint") return value === 0n;
  // A negative zero is written: its bits are not all zero.
  if (typeof value === "number") return Object.is(value, 0);
  return typeof value === "boolean" ? !value : value.length === 0;
}

/** The value alone, without its tag. It must be of the type: whole numbers are bigint. */
export function writeScalar(writer: BinaryWriter, type: ScalarType, value: ScalarValue): void {
  switch (type) {
    case ScalarType.STRING:
      writer.string(value as string);
      return;
    case ScalarType.BYTES:
      writer.bytes(value as Uint8Array);
      return;
    case ScalarType.BOOL:
      writer.bool(value as boolean);
      return;
    case ScalarType.DOUBLE:
      writer.double(value as number);
      return;
    case ScalarType.FLOAT:
      writer.float(value as number);
      return;
    case ScalarType.INT32:
      writer.int32(Number(value));
      return;
    case ScalarType.UINT32:
      writer.uint32(Number(value));
      return;
    case ScalarType.SINT32:
      writer.sint32(Number(value));
      return;
    case ScalarType.FIXED32:
      writer.fixed32(Number(value));
      return;
    case ScalarType.SFIXED32:
      writer.sfixed32(Number(value));
      return;
    case ScalarType.INT64:
      writer.int64(value as bigint);
      return;
    case ScalarType.UINT64:
      writer.uint64(value as bigint);
      return;
    case ScalarType.SINT64:
      writer.sint64(value as bigint);
      return;
    case ScalarType.FIXED64:
      writer.fixed64(value as bigint);
      return;
    case ScalarType.SFIXED64:
      writer.sfixed64(value as bigint);
  }
}
