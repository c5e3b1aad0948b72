import { type Uuid, utf8Encode, uuidToBytes } from "@p8e/core";

/*
 * The values that the hot statements use. Parameters go out in PostgreSQL's binary form, an array of n values as one
 * parameter: far cheaper than n parameters, and than the text form, for both sides. Results come back as text: the
 * driver cannot hand out binary ones unharmed.
 */

const ELEMENT_TYPE = { uuid: 2950, text: 25, int8: 20, bytea: 17 } as const;

type ArrayType = keyof typeof ELEMENT_TYPE;

/** A one-dimensional array: dimensions, has-nulls flag, element type, length, lower bound, then length and bytes each. */
function encodeArray(type: ArrayType, values: readonly (Uint8Array | null)[]): Uint8Array {
  let size = 20;
  for (const value of values) size += 4 + (value?.length ?? 0);
  const bytes = Buffer.allocUnsafe(size);
  bytes.writeInt32BE(1, 0);
  bytes.writeInt32BE(values.includes(null) ? 1 : 0, 4);
  bytes.writeInt32BE(ELEMENT_TYPE[type], 8);
  bytes.writeInt32BE(values.length, 12);
  bytes.writeInt32BE(1, 16);
  let offset = 20;
  for (const value of values) {
    bytes.writeInt32BE(value === null ? -1 : value.length, offset);
    offset += 4;
    if (value === null) continue;
    bytes.set(value, offset);
    offset += value.length;
  }
  return bytes;
}

/** An array of uuids in binary form. */
export const uuids = (values: readonly (Uuid | null)[]) =>
  encodeArray(
    "uuid",
    values.map((value) => (value === null ? null : uuidToBytes(value))),
  );

/** An array of texts in binary form. */
export const texts = (values: readonly (string | null)[]) =>
  encodeArray(
    "text",
    values.map((value) => (value === null ? null : utf8Encode(value))),
  );

/** An array of 64-bit integers in binary form. */
export const integers = (values: readonly bigint[]) => encodeArray("int8", values.map(encodeInteger));

/** An array of byte strings in binary form. */
export const byteStrings = (values: readonly (Uint8Array | null)[]) => encodeArray("bytea", values);

function encodeInteger(value: bigint): Uint8Array {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigInt64(0, value);
  return bytes;
}

/** Microseconds since 1970: a Date would lose three digits. */
export type Micros = bigint;

/** A timestamptz column as the whole number that `decodeInteger` reads. */
export function microsOf(column: string): string {
  return `(extract(epoch FROM ${column}) * 1000000)::bigint`;
}

/** From the text that PostgreSQL sends. */
export function decodeInteger(text: string): bigint {
  return BigInt(text);
}

/** From the text that PostgreSQL sends, which is of the right form. */
export function decodeUuid(text: string): Uuid {
  return text as Uuid;
}

/** PostgreSQL's text form of bytes, hex behind `\\x`. */
export function decodeBytes(text: string): Uint8Array {
  return Buffer.from(text.slice(2), "hex");
}
