import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { create, createFileRegistry, type DescField, type DescMessage, fromBinary } from "@bufbuild/protobuf";
import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import { FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import { concatBytes, hexDecode, P8eError } from "@p8e/core";
import { checkMessage, type DecodingBudget, decodeMessage, isCanonicalMessage, messageBudget } from "@p8e/decoding";
import { legacy, probe } from "./types.ts";

const check = (hex: string, schema: DescMessage = probe) => checkMessage(schema, hexDecode(hex), { what: "it" });
const bounded = (bytes: Uint8Array, budget: Partial<DecodingBudget>, schema = probe) =>
  checkMessage(schema, bytes, { what: "it" }, { ...messageBudget, ...budget });
const refused = (field: string, reason: string) => (error: unknown) => {
  assert.ok(error instanceof P8eError);
  assert.equal(error.code, "input.invalid");
  assert.deepEqual({ field: error.facts.field, reason: error.facts.reason }, { field, reason });
  return true;
};
const tooLarge = (of: string, limit: number) => (error: unknown) => {
  assert.ok(error instanceof P8eError);
  assert.equal(error.code, "input.too_large");
  assert.deepEqual({ of: error.facts.of, limit: error.facts.limit }, { of, limit });
  return true;
};

const LD = WireType.LengthDelimited;
const varint = (value: number) => (value < 128 ? [value] : [(value % 128) + 128, Math.floor(value / 128)]);

describe("a serialized message", () => {
  it("has each known field under a wire type of its declaration", () => {
    for (const [hex, field, given, declared] of [
      ["0a0101", "i64", 2, 0],
      ["0b0c", "i64", 3, 0],
      ["0d00000000", "i64", 5, 0],
      ["2000", "f64", 0, 1],
      ["5000", "s", 0, 2],
      ["e00100", "self", 0, 2],
      ["e201020a00", "self.i64", 2, 0],
      ["800208", "rp", 0, 2],
      ["820103090008", "m.key", 1, 2],
      ["82010412021001", "m.value", 2, 0],
    ] as const) {
      assert.throws(
        () => check(hex),
        refused(field, `has the wire type ${given}, and its declaration has ${declared}`),
        hex,
      );
    }
  });

  it("may have a list of numbers packed or not, and both", () => {
    check("7801");
    check("7a020102");
    check("78017a0101");
    assert.throws(() => check("7a0180"), refused("ri", "ends within a number"));
  });

  it("may have fields that nobody knows, groups of any depth within bounds among them", () => {
    check("f83f01");
    check("f93f0000000000000000");
    check("fa3f03616263");
    check("fb3f08010a00fc3f");
    check("fd3f00000000");
    assert.throws(() => check("fb3f"), refused("it", "ends within a number"));
    assert.throws(() => check("fb3f843f"), refused("it", "has the end of a group that did not begin"));
    assert.throws(() => check("fc3f"), refused("it", "has the end of a group that did not begin"));
    assert.throws(() => check("fe3f"), refused("it", "has a field with the wire type 6, which there is not"));
    assert.throws(() => check("fb3f".repeat(120)), tooLarge("depth", 100));
  });

  it("is malformed where a tag, a length or a number is", () => {
    assert.throws(() => check("00"), refused("it", "has a field number that none can have"));
    assert.throws(() => check("08"), refused("i64", "ends within a number"));
    assert.throws(() => check("08ffffffffffffffffffff01"), refused("i64", "has a number of more than ten bytes"));
    assert.throws(() => check("ffffffffffff01"), refused("it", "has a tag or a length that none can have"));
    assert.throws(() => check("5205616263"), refused("s", "ends before its announced length"));
    assert.throws(() => check("390000"), refused("d", "ends within a number"));
    assert.throws(() => check("e201035205"), refused("self", "ends before its announced length"));
    assert.throws(() => check("e20102520561616161"), refused("self.s", "ends before its announced length"));
  });

  it("has tags of five bytes at most, wherever they stand, as the runtime library reads them", () => {
    const differ = (error: unknown) => error instanceof P8eError && error.facts.readersDiffer === true;
    check("88808080000188ffffff0f01");
    for (const hex of ["8880808080000188", "f8ffffff8f0001", "e20107f8ffffff8f0001", "fb3ff8ffffff8f0001fc3f"]) {
      assert.throws(() => check(hex), differ, hex);
    }
  });

  it("has texts in UTF-8", () => {
    check("5202c3a9");
    assert.throws(() => check("5202c328"), refused("s", "is a text that is not UTF-8"));
    assert.throws(() => check("8201030a01ff"), refused("m.key", "is a text that is not UTF-8"));
    check("5a02c328");
    // proto2 does not ask for it.
    check("08012a02c328", legacy);
  });

  it("has every required field, in groups and in messages within it too", () => {
    check("0801", legacy);
    assert.throws(() => check("", legacy), refused("it", "lacks its required field id"));
    assert.throws(() => check("08013a00", legacy), refused("inner", "lacks its required field id"));
    check("080133080234", legacy);
    assert.throws(() => check("0801330802", legacy), refused("part", "ends within a group"));
  });

  it("is bounded before anything is made of it: at the bound it is taken, and one above refused", () => {
    const bytes = new Uint8Array(100).fill(0);
    for (let at = 0; at < 100; at += 2) bytes[at] = 0x78;
    bounded(bytes, { bytes: 100, fields: 50 });
    assert.throws(() => bounded(bytes, { bytes: 99 }), tooLarge("bytes", 99));
    assert.throws(() => bounded(bytes, { fields: 49 }), tooLarge("fields", 49));
    const packed = Uint8Array.from([0x7a, 50, ...new Array(50).fill(0)]);
    bounded(packed, { fields: 50 });
    assert.throws(() => bounded(packed, { fields: 49 }), tooLarge("fields", 49));
    assert.throws(() => bounded(packed, { resultBytes: 1000 }), tooLarge("resultBytes", 1000));
  });

  it("costs all fields of each message, which a decoder makes", () => {
    const one = Uint8Array.from([0xe2, 0x01, 0x00]);
    assert.throws(() => bounded(one, { resultBytes: 2000 }), tooLarge("resultBytes", 2000));
    bounded(one, { resultBytes: 5000 });
  });

  it("costs what a struct of it has for each time that more of it comes", () => {
    const struct = (probe.fields as DescField[]).find(({ name }) => name === "st")!.number;
    const value = (key: string) => new BinaryWriter().tag(1, LD).fork().tag(1, LD).string(key).join().finish();
    const parts = (count: number) => {
      const writer = new BinaryWriter().tag(struct, LD).bytes(concatBytes(value("a"), value("b")));
      for (let index = 1; index < count; index++) writer.tag(struct, LD).bytes(new Uint8Array(0));
      return writer.finish();
    };
    // The struct, two entries and their keys; and with each further part one field, and those read before.
    bounded(parts(1), { fields: 5 });
    bounded(parts(2), { fields: 5 + 1 + 5 });
    assert.throws(() => bounded(parts(2), { fields: 10 }), tooLarge("fields", 10));
    bounded(parts(3), { fields: 5 + 6 + 7 });
    assert.throws(() => bounded(parts(3), { fields: 17 }), tooLarge("fields", 17));
    assert.throws(() => bounded(parts(30_000), {}), tooLarge("fields", 150_000));
  });

  it("costs more fields where a closed enum has many values, since each is looked at", () => {
    const file = create(FileDescriptorSetSchema, {
      file: [
        {
          ...{ name: "a.proto", package: "a", syntax: "proto2" },
          enumType: [
            { name: "E", value: Array.from({ length: 200 }, (_, index) => ({ name: `V${index}`, number: index })) },
          ],
          messageType: [{ name: "M", field: [{ name: "e", number: 1, label: 1, type: 14, typeName: ".a.E" }] }],
        },
      ],
    });
    const schema = createFileRegistry(file).getMessage("a.M")!;
    bounded(hexDecode("080708c707"), { fields: 2 * (1 + 3) }, schema);
    assert.throws(() => bounded(hexDecode("080708c707"), { fields: 7 }, schema), tooLarge("fields", 7));
  });

  it("is nested as deeply as Java reads it, and no more", () => {
    const nested = (depth: number) => {
      let bytes: readonly number[] = [];
      for (let at = 1; at < depth; at++) bytes = [0xe2, 0x01, ...varint(bytes.length), ...bytes];
      return Uint8Array.from(bytes);
    };
    bounded(nested(100), {});
    assert.throws(() => bounded(nested(101), {}), tooLarge("depth", 100));
  });

  it("is decoded as the library decodes it once it was gone through", () => {
    assert.deepEqual(decodeMessage(probe, hexDecode("0801"), { what: "it" }), fromBinary(probe, hexDecode("0801")));
    assert.throws(() => decodeMessage(probe, hexDecode("0a0101"), { what: "the input p", file: "p.binpb" }), {
      message: "p.binpb: i64 in the input p has the wire type 2, and its declaration has 0",
    });
  });
});

it("a NaN is in the usual bits where they are asked for, and in any elsewhere", async () => {
  const context = { what: "it" };
  const types = () => new Uint8Array(); // no thread is needed
  const isCanonical = (hex: string) => isCanonicalMessage(probe, hexDecode(hex), context, { types });
  for (const hex of ["39000000000000f87f", "39000000000000f07f", "39000000000000f0ff", "450000c07f", "45000080ff"]) {
    assert.equal(await isCanonical(hex), true);
  }
  for (const [field, hex] of [
    ["d", "39010000000000f87f"],
    ["d", "39000000000000f8ff"],
    ["d", "39010000000000f07f"],
    ["f", "450100c07f"],
    ["f", "450000c0ff"],
    ["rd", "d20310000000000000f03f000000000000f8ff"],
  ] as const) {
    decodeMessage(probe, hexDecode(hex), context);
    await assert.rejects(isCanonical(hex), refused(field, "is a NaN in other bits than the usual ones"));
  }
});
