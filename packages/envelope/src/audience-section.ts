import { type DescField, type DescMessage, fromBinary, ScalarType } from "@bufbuild/protobuf";
import { BinaryReader, WireType } from "@bufbuild/protobuf/wire";
import { base64Encode, isP8eError, P8eError, utf8Decode, utf8Encode } from "@p8e/core";
import * as envelope from "@p8e/proto/envelope";
import { DEFAULT_ENVELOPE_LIMITS, type EnvelopeLimits } from "./limits.ts";
import { type ContainerProblem, malformed } from "./malformed.ts";

/** The decoded protobuf section: who owns the object and who else can read it. Untrusted, as the whole header is. */
export type Envelope = envelope.DIME;
/** One reader of a container, and the data key sealed for it. */
export type Audience = envelope.Audience;

/**
 * Fields are counted first: two bytes of protobuf can ask for an object of a hundred.
 * @throws `envelope.malformed` (problem `protobuf`), `envelope.too_large` (fact section: `envelope`)
 */
export function decodeEnvelope(section: Uint8Array, limits: EnvelopeLimits = DEFAULT_ENVELOPE_LIMITS): Envelope {
  try {
    walkFields(envelope.DIMESchema, section, limits.envelopeFields);
    return fromBinary(envelope.DIMESchema, section, { readUnknownFields: false });
  } catch (cause) {
    if (isP8eError(cause)) throw cause;
    throw malformed("protobuf", { cause });
  }
}

/**
 * Counts the fields at the top level, and holds every known field to its wire type. The decoder below reads a known
 * field by its declared type whatever the tag says; the JVM takes such a field for an unknown one and the reference
 * store refuses it. Three readers must not see three audiences in the same bytes.
 */
function walkFields(message: DescMessage, section: Uint8Array, limit: number): void {
  const reader = new BinaryReader(section);
  for (let count = 0; reader.pos < reader.len; count++) {
    if (count >= limit) {
      throw new P8eError("envelope.too_large", "the container's audience list has more entries than the limit", {
        facts: { section: "envelope", limit },
      });
    }
    const [fieldNumber, wireType] = reader.tag();
    const field = message.fields.find((each) => each.number === fieldNumber);
    if (field !== undefined && wireType !== wireTypeOf(field)) throw malformed("protobuf");
    if (field?.message) walkFields(field.message, reader.bytes(), Number.POSITIVE_INFINITY);
    else reader.skip(wireType, fieldNumber);
  }
}

/** Of the kinds of field that an envelope has. */
function wireTypeOf(field: DescField): WireType {
  if (field.fieldKind === "enum") return WireType.Varint;
  if (field.fieldKind !== "scalar") return WireType.LengthDelimited;
  return field.scalar === ScalarType.STRING || field.scalar === ScalarType.BYTES
    ? WireType.LengthDelimited
    : WireType.Varint;
}

/**
 * @throws `envelope.malformed`, problem `uri`
 */
export function decodeUri(section: Uint8Array): string {
  return textOf(section, "uri");
}

/**
 * The owner's key as the store knows it: base64 text of the uncompressed point, compared as text and never decoded.
 * @throws `envelope.malformed`, problem `owner_key`, when there is no owner or its key is not UTF-8
 */
export function ownerKeyText(decoded: Envelope): string {
  if (decoded.owner === undefined) throw malformed("owner_key");
  return textOf(decoded.owner.publicKey, "owner_key");
}

/**
 * The keys of the audience in order of first appearance, each once. The owner's is among them only if the audience
 * names it, as every client of today does.
 * @throws `envelope.malformed`, problem `audience_key`
 */
export function audienceKeyTexts(decoded: Envelope): readonly string[] {
  return [...new Set(decoded.audience.map((entry) => textOf(entry.publicKey, "audience_key")))];
}

function textOf(bytes: Uint8Array, problem: ContainerProblem): string {
  try {
    return utf8Decode(bytes, problem);
  } catch (cause) {
    throw malformed(problem, { cause });
  }
}

/** How bytes stand in an audience's fields: the characters of their base64 text. */
export function audienceText(bytes: Uint8Array): Uint8Array {
  return utf8Encode(base64Encode(bytes));
}
