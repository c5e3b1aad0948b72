import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { create, createRegistry, fromBinary } from "@bufbuild/protobuf";
import {
  type Any,
  AnySchema,
  anyPack,
  BytesValueSchema,
  Field_Kind,
  FieldSchema,
  StringValueSchema,
  type Timestamp,
  TimestampSchema,
  TypeSchema,
} from "@bufbuild/protobuf/wkt";
import { hasCode } from "@p8e/core";
import { recordJson } from "../src/read/record-json.ts";

const registry = createRegistry(FieldSchema, BytesValueSchema, AnySchema);
/** Some hundred fields in a few bytes: a message that is empty still has all of its own. */
const wide = anyPack(FieldSchema, create(FieldSchema, { options: Array.from({ length: 60 }, () => ({})) }));
const refused = (code: Parameters<typeof hasCode>[1], words: RegExp) => (error: unknown) =>
  hasCode(error, code) && words.test(error.message);

/** A type whose option holds a message in an Any. */
function typeWith(inside: Any) {
  return create(TypeSchema, { name: "Loan", options: [{ name: "hash", value: inside }] });
}

describe("a record as JSON", () => {
  it("has names as protobuf's JSON does, enums by name, bytes in base64, and an Any opened", () => {
    const kind = anyPack(FieldSchema, create(FieldSchema, { typeUrl: "tech.figure", kind: Field_Kind.TYPE_BYTES }));
    const { value, unknownFields } = recordJson(TypeSchema, typeWith(kind), registry, "loan");
    assert.deepEqual(value, {
      name: "Loan",
      options: [
        {
          name: "hash",
          value: { "@type": "type.googleapis.com/google.protobuf.Field", kind: "TYPE_BYTES", typeUrl: "tech.figure" },
        },
      ],
    });
    assert.equal(unknownFields, 0);
    const bytes = anyPack(BytesValueSchema, create(BytesValueSchema, { value: Uint8Array.of(1, 2, 3) }));
    assert.deepEqual(recordJson(AnySchema, bytes, registry, "loan").value, {
      "@type": "type.googleapis.com/google.protobuf.BytesValue",
      value: "AQID",
    });
  });

  it("counts the fields that its type does not know, in an Any too", () => {
    const odd = fromBinary(FieldSchema, Uint8Array.of(0xf8, 0x3f, 1));
    assert.equal(recordJson(FieldSchema, odd, registry, "loan").unknownFields, 1);
    assert.equal(recordJson(TypeSchema, typeWith(anyPack(FieldSchema, odd)), registry, "loan").unknownFields, 1);
  });

  it("is refused where an Any holds a type that nobody brought along, naming the place", () => {
    const text = anyPack(StringValueSchema, create(StringValueSchema, { value: "x" }));
    assert.throws(
      () => recordJson(TypeSchema, typeWith(text), registry, "loan"),
      refused("session.type_mismatch", /^loan\.options\.value holds a type/),
    );
  });

  it("is refused where JSON cannot say it", () => {
    const late: Timestamp = create(TimestampSchema, { seconds: 1n << 60n });
    assert.throws(
      () => recordJson(TimestampSchema, late, registry, "loan"),
      refused("session.type_mismatch", /cannot say/),
    );
  });

  it("is bounded through every Any, in depth and in number", () => {
    let deep = anyPack(AnySchema, create(AnySchema));
    for (let at = 0; at < 200; at++) deep = anyPack(AnySchema, deep);
    assert.throws(() => recordJson(AnySchema, deep, registry, "loan"), refused("input.too_large", /./));
    const many = create(TypeSchema, { options: Array.from({ length: 5_000 }, () => ({ value: wide })) });
    assert.throws(() => recordJson(TypeSchema, many, registry, "loan"), refused("input.too_large", /./));
  });
});
