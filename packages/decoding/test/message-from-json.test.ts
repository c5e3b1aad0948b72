// What protobuf's JSON says, at its edges. That others read the same is shown in interop/protobuf.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { create, fromBinary, type Message } from "@bufbuild/protobuf";
import { P8eError, utf8Encode } from "@p8e/core";
import { messageBytesFromJson, valueBudget } from "@p8e/decoding";
import { legacy, probe, probeTypes } from "./types.ts";

const context = { what: "the input" };
const bytesOf = (text: string | Uint8Array) => messageBytesFromJson(probe, text, probeTypes, context);
const read = (text: string) => fromBinary(probe, bytesOf(text)) as Message & Record<string, unknown>;
const refusal = (text: string | Uint8Array, schema = probe): [unknown, unknown] => {
  try {
    messageBytesFromJson(schema, text, probeTypes, context);
  } catch (error) {
    assert.ok(error instanceof P8eError);
    assert.equal(error.code, "input.invalid");
    return [error.facts.field, error.facts.reason];
  }
  return assert.fail(`${text} was taken`);
};

describe("protobuf's JSON", () => {
  it("says integers of any size, in every spelling of a whole number, exactly", () => {
    for (const spelling of [
      "9007199254740993",
      '"9007199254740993"',
      "9007199254740993.0",
      "9007199254740993e0",
      "900719925474099.3e1",
    ]) {
      assert.equal(read(`{"i64":${spelling}}`).i64, 9007199254740993n, spelling);
    }
    assert.equal(read('{"u64":18446744073709551615}').u64, 18446744073709551615n);
    assert.equal(read('{"i32":1e3}').i32, 1000);
    assert.deepEqual(read('{"ri":[9007199254740993],"w":9007199254740993,"m":{"a":9007199254740993}}'), {
      ...create(probe),
      ri: [9007199254740993n],
      w: 9007199254740993n,
      m: { a: 9007199254740993n },
    });
  });

  it("is refused where it is no value of the field's type, by path and reason", () => {
    assert.deepEqual(refusal('{"i64":"0x10"}'), ["i64", "is not a number"]);
    assert.deepEqual(refusal('{"i64":" 1"}'), ["i64", "is not a number"]);
    assert.deepEqual(refusal('{"i64":""}'), ["i64", "is not a number"]);
    assert.deepEqual(refusal('{"i32":1.5}'), ["i32", "is not a whole number"]);
    assert.deepEqual(refusal('{"rp":[{},{"i32":2147483648}]}'), ["rp[1].i32", "is out of the type's range"]);
    assert.deepEqual(refusal('{"u32":-1}'), ["u32", "is out of the type's range"]);
    assert.deepEqual(refusal('{"d":1e309}'), ["d", "is out of the type's range"]);
    assert.deepEqual(refusal('{"mi":{"x":"a"}}'), ["mi[x]", "is a key that is not a whole number"]);
    assert.deepEqual(refusal('{"b":"true"}'), ["b", "is neither true nor false"]);
    assert.deepEqual(refusal('{"c":"RED"}'), ["c", "is no name of probe.v1.Color"]);
    assert.deepEqual(refusal('{"y":"Q"}'), ["y", "is not base64"]);
    assert.deepEqual(refusal('{"s":"\\ud800"}'), ["s", "holds half of a surrogate pair"]);
    assert.deepEqual(refusal('{"self":[]}'), ["self", "is not an object"]);
    assert.deepEqual(refusal('{"id":1,"closed":7}', legacy), ["closed", "is no number of probe.v1.Closed"]);
    assert.deepEqual(refusal("{}", legacy), ["id", "is required and missing"]);
  });

  it("knows dates and times that exist", () => {
    assert.deepEqual(refusal('{"t":"2023-02-30T00:00:00Z"}'), ["t", "is a date that does not exist"]);
    assert.deepEqual(refusal('{"t":"2024-01-01T24:00:00Z"}'), ["t", "is a time of day that does not exist"]);
    assert.deepEqual(refusal('{"t":"2016-12-31T23:59:60Z"}'), ["t", "is a time of day that does not exist"]);
    assert.deepEqual(refusal('{"t":"2024-01-01T00:00:00+24:00"}'), ["t", "has an offset that does not exist"]);
    assert.deepEqual(refusal('{"t":"2024-01-01"}'), ["t", "is not a time in the form of RFC 3339"]);
    assert.deepEqual(refusal('{"du":"1.0000000001s"}'), ["du", "is not a duration in seconds, such as 1.5s"]);
  });

  it("has each field once, whatever name is used", () => {
    assert.deepEqual(refusal('{"s":"a","s":"b"}'), ["s", "is there twice"]);
    assert.deepEqual(refusal('{"toString":"a","to_string":"b"}'), ["to_string", "is there twice, under two names"]);
    assert.deepEqual(refusal('{"oa":"a","ob":1}'), ["ob", "is there beside another field of the oneof o"]);
    assert.deepEqual(refusal('{"mi":{"1":"a","01":"b"}}'), ["mi[(another name)]", "is there twice, in two spellings"]);
    assert.deepEqual(refusal('{"no":1}'), ["no", "is not a field of its message"]);
    assert.deepEqual(refusal('{"a secret of somebody":1}'), ["(another name)", "is not a field of its message"]);
  });

  it("keeps the type URL it was given, and looks behind its last slash", () => {
    for (const typeUrl of ["/probe.v1.P", "type.googleapis.com/probe.v1.P", "a/b/probe.v1.P"]) {
      const { any } = read(`{"any":{"@type":"${typeUrl}","s":"x"}}`);
      assert.deepEqual(
        { ...(any as object) },
        { $typeName: "google.protobuf.Any", typeUrl, value: utf8Encode("R\u0001x") },
      );
    }
    assert.deepEqual(refusal('{"any":{"@type":"probe.v1.P"}}'), ["any.@type", "is not a type URL"]);
    assert.deepEqual(refusal('{"any":{"@type":"/no.Such"}}'), [
      "any.@type",
      "names the type no.Such, which is not known here",
    ]);
    assert.deepEqual(refusal('{"any":{"@type":"/probe.v1.P","no":1}}'), ["any.no", "is not a field of its message"]);
  });

  it("is JSON, and says where it is not without saying what is there", () => {
    assert.deepEqual(refusal('{"s":\n "a" x}'), ["the input", "is not JSON at line 2, column 6"]);
    assert.deepEqual(refusal("{} {}"), ["the input", "is not JSON at line 1, column 4"]);
    assert.deepEqual(refusal('{"s":01}'), ["s", "is not JSON at line 1, column 7"]);
    assert.deepEqual(refusal(Uint8Array.of(0xff)), ["the input", "is not UTF-8"]);
    assert.deepEqual(refusal("\ufeff{}"), ["the input", "is not JSON at line 1, column 1"]);
  });

  it("is bounded: at the bound it is taken, and one above refused", () => {
    const at = (budget: object, text: string) => () =>
      messageBytesFromJson(probe, text, probeTypes, context, { ...valueBudget, ...budget });
    const ten = '{"ri":[1,2,3,4,5,6,7,8,9,10]}';
    at({ bytes: ten.length }, ten)();
    assert.throws(at({ bytes: ten.length - 1 }, ten), { code: "input.too_large" });
    at({ fields: 12 }, ten)();
    assert.throws(at({ fields: 11 }, ten), { code: "input.too_large" });
    assert.throws(at({ resultBytes: 1000 }, ten), { code: "input.too_large" });
    const nested = (depth: number) => `${'{"self":'.repeat(depth)}{}${"}".repeat(depth)}`;
    at({}, nested(99))();
    assert.throws(at({}, nested(100)), { code: "input.too_large" });
    assert.throws(at({}, "[".repeat(1_000_000)), { code: "input.too_large" });
  });
});
