// A message that is made piece by piece is the one that the library makes of the whole, in pieces of whatever size.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type DescMessage, fromBinary, toBinary } from "@bufbuild/protobuf";
import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import { concatBytes, isP8eError } from "@p8e/core";
import { checkMessage, decodeExamined, valueBudget } from "@p8e/decoding";
import { messageBytes } from "../fuzz/grammar.ts";
import { legacy, probe } from "../fuzz/probe-types.ts";
import { Random } from "../fuzz/random.ts";
import { decodeInPieces } from "../packages/decoding/src/decode-examined.ts";

const LD = WireType.LengthDelimited;
const field = (number: number, ...content: Uint8Array[]) =>
  new BinaryWriter()
    .tag(number, LD)
    .bytes(concatBytes(...content))
    .finish();
const text = (number: number, value: string) => new BinaryWriter().tag(number, LD).string(value).finish();
/** A `google.protobuf.Struct` with one text in it. */
const struct = (key: string) => field(1, text(1, key), field(2, text(3, "a value")));

/** One entry of a map, whose key is there so often, empty but for the last time. */
function manyKeys(count: number): Uint8Array {
  const keys = new Uint8Array(2 * count);
  for (let at = 0; at < keys.length; at += 2) keys[at] = 0x0a;
  return field(18, keys, text(1, "the last"), field(2, text(10, "one")));
}

async function same(schema: DescMessage, bytes: Uint8Array): Promise<void> {
  const whole = fromBinary(schema, bytes);
  for (const pieceBytes of [1, 3, 20, 500]) {
    const made = await decodeInPieces(schema, bytes, pieceBytes);
    if (schema === probe) assert.deepEqual(toBinary(schema, made), toBinary(schema, whole));
    assert.deepEqual(schema === probe ? made : known(made), schema === probe ? whole : known(whole));
  }
}

/**
 * The library forgets a value that a closed enum does not have when other unknown fields are read in one go with it; made in
 * pieces, it is kept.
 */
function known(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(known);
  if (typeof value !== "object" || value === null || value instanceof Uint8Array) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([name]) => name !== "$unknown")
      .map(([name, each]) => [name, known(each)]),
  );
}

describe("a message that is made piece by piece", () => {
  it("is the one of the whole, whatever it has", async () => {
    const random = new Random(1);
    let readable = 0;
    for (let round = 0; round < 1000; round++) {
      const schema = random.oneIn(4) ? legacy : probe;
      const bytes = messageBytes(random, schema, { bytesMax: 2000 });
      try {
        checkMessage(schema, bytes, { what: "it" }, valueBudget);
      } catch (error) {
        assert.ok(isP8eError(error));
        continue;
      }
      readable += 1;
      await same(schema, bytes);
    }
    assert.ok(readable > 200, `${readable} were readable`);
  });

  it("is the one of the whole where parts of a message come one behind the other", async () => {
    for (const bytes of [
      // A message, a message of a choice, and a choice that is made anew between two parts of it.
      concatBytes(field(28, text(10, "one")), field(28, text(14, "two"))),
      concatBytes(field(21, text(10, "one")), field(21, text(14, "two"))),
      concatBytes(field(21, text(10, "one")), text(19, "another"), field(21, text(14, "two"))),
      // A struct and a wrapped text, which are kept as values of JavaScript.
      concatBytes(field(24, struct("a")), field(24, struct("b"), struct("__proto__"))),
      concatBytes(field(49, text(1, "one")), field(49, new Uint8Array(0))),
      // Entries of maps: with parts of a value, without a key, with one twice, without a value.
      field(18, text(1, "key"), field(2, text(10, "one")), field(2, text(14, "two"))),
      concatBytes(field(18, field(2, text(10, "one"))), field(18, text(1, "__proto__"), field(2, text(10, "two")))),
      field(18, text(1, "first"), field(2, text(10, "one")), text(1, "second")),
      field(18, text(1, "a key without a value")),
    ]) {
      checkMessage(probe, bytes, { what: "it" });
      await same(probe, bytes);
    }
    const group = (content: Uint8Array) =>
      concatBytes(
        new BinaryWriter().tag(6, WireType.StartGroup).finish(),
        content,
        new BinaryWriter().tag(6, WireType.EndGroup).finish(),
      );
    const number = new BinaryWriter().tag(1, WireType.Varint).int32(7).finish();
    await same(
      legacy,
      concatBytes(number, group(number), group(concatBytes(number, text(9, "unknown"), group(number)))),
    );
  });

  it("is the one of the whole where an entry has its key hundreds of thousands of times", async () => {
    const bytes = manyKeys(200_000);
    checkMessage(probe, bytes, { what: "it" }, valueBudget);
    assert.deepEqual(await decodeExamined(probe, bytes), fromBinary(probe, bytes));
  });

  it("is made no further once its signal fires", async () => {
    for (const bytes of [
      concatBytes(...Array.from({ length: 20_000 }, () => field(32, text(10, "one")))),
      manyKeys(400_000),
    ]) {
      const abort = new AbortController();
      const making = decodeExamined(probe, bytes, { signal: abort.signal });
      setImmediate(() => abort.abort());
      await assert.rejects(making, { code: "rpc.cancelled" });
    }
  });
});
