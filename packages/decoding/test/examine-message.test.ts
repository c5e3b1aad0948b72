import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { create, toBinary } from "@bufbuild/protobuf";
import { FileDescriptorSetSchema, ListValueSchema, StructSchema } from "@bufbuild/protobuf/wkt";
import { P8eError } from "@p8e/core";
import { checkMessage, examineMessage, isCanonicalMessage } from "@p8e/decoding";
import { THREAD_BYTES_MIN } from "../src/thread/examine-message.ts";
import { onThread } from "../src/thread/on-thread.ts";

const context = { what: "the struct", facts: { kind: "record" } };
const schema = StructSchema;
let askedFor = 0;
const types = () => {
  askedFor += 1;
  return toBinary(FileDescriptorSetSchema, create(FileDescriptorSetSchema, { file: [schema.file.proto] }));
};

/** Whose bytes are so many. */
const ofLength = (length: number) => {
  const bytesOf = (text: string) =>
    toBinary(schema, create(schema, { fields: { text: { kind: { case: "stringValue", value: text } } } }));
  const bytes = bytesOf("x".repeat(length - (bytesOf("x".repeat(length)).length - length)));
  assert.equal(bytes.length, length);
  return bytes;
};
/** One entry of a field that Struct does not have, under a wire type that there is not. */
const spoiled = (bytes: Uint8Array) => Uint8Array.of(...bytes, 0x0f);

describe("examining a message", () => {
  it("happens here up to 64 KiB, and on a thread above, with the same outcome", async () => {
    for (const [length, threads] of [
      [THREAD_BYTES_MIN, 0],
      [THREAD_BYTES_MIN + 1, 1],
    ] as const) {
      askedFor = 0;
      await examineMessage(schema, ofLength(length), context, { types });
      assert.equal(askedFor, threads);
    }
  });

  it("refuses on the thread as checkMessage does", async () => {
    const bytes = spoiled(ofLength(THREAD_BYTES_MIN + 1));
    const narrow = { bytes: 1 << 20, fields: 2, resultBytes: 1 << 30, depth: 100 };
    for (const [given, budget] of [
      [bytes, undefined],
      [ofLength(THREAD_BYTES_MIN + 1), narrow],
    ] as const) {
      const here = thrownBy(() => checkMessage(schema, given, context, budget));
      const there = await examineMessage(schema, given, context, { types, budget }).then(
        () => assert.fail("it was taken"),
        (error: unknown) => error,
      );
      assert.ok(here instanceof P8eError && there instanceof P8eError);
      assert.deepEqual([there.code, there.message, there.facts], [here.code, here.message, here.facts]);
    }
  });

  it("starts no thread for more bytes than the budget has", async () => {
    askedFor = 0;
    const budget = { bytes: THREAD_BYTES_MIN + 1, fields: 100, resultBytes: 1 << 30, depth: 100 };
    await examineMessage(schema, ofLength(budget.bytes), context, { types, budget });
    assert.equal(askedFor, 1);
    await assert.rejects(examineMessage(schema, ofLength(budget.bytes + 1), context, { types, budget }), {
      code: "input.too_large",
      facts: {
        file: undefined,
        kind: "record",
        field: "the struct",
        reason: "has more bytes than are read",
        limit: budget.bytes,
        of: "bytes",
      },
    });
    assert.equal(askedFor, 1);
  });

  it("knows the one form that encoding gives, here and on a thread", async () => {
    for (const length of [100, THREAD_BYTES_MIN + 100]) {
      const bytes = ofLength(length);
      assert.equal(await isCanonicalMessage(schema, bytes, context, { types }), true);
      // The entry twice: the second counts.
      const twice = Buffer.concat([bytes, bytes]);
      assert.equal(await isCanonicalMessage(schema, twice, context, { types }), false);
      await assert.rejects(isCanonicalMessage(schema, spoiled(bytes), context, { types }), { code: "input.invalid" });
    }
  });

  it("ends with the signal, before and while it reads", async () => {
    const bytes = ofLength(8 << 20);
    await assert.rejects(examineMessage(schema, bytes, context, { types, signal: AbortSignal.abort() }), {
      code: "rpc.cancelled",
    });
    const abort = new AbortController();
    const reading = examineMessage(schema, bytes, context, { types, signal: abort.signal });
    abort.abort();
    await assert.rejects(reading, { code: "rpc.cancelled" });
  });

  it("is refused when it takes more memory than the thread has, and the process goes on", async () => {
    const budget = { bytes: 1 << 30, fields: 1 << 30, resultBytes: 2 ** 40, depth: 100 };
    const asked = (count: number) => {
      // A list of nulls.
      const bytes = Uint8Array.from({ length: 4 * count }, (_, index) => [0x0a, 2, 8, 0][index % 4]!);
      const question = { types: types(), typeName: ListValueSchema.typeName, bytes, budget, encode: true };
      return onThread(question, "the list", { heapMib: 20 });
    };
    assert.deepEqual(await asked(300_000), {
      kind: "refused",
      refusal: {
        field: "",
        problem: "takes more memory to read than there is for it",
        limit: { of: "resultBytes", max: 20 * 1024 * 1024 },
      },
    });
    assert.equal((await asked(1000)).kind, "read");
  });

  it("says so when the thread breaks down", async () => {
    const broken = () => Uint8Array.of(0x0f);
    await assert.rejects(examineMessage(schema, ofLength(THREAD_BYTES_MIN + 1), context, { types: broken }), {
      code: "internal.unexpected",
      message: "the thread that read the struct broke down",
    });
  });
});

function thrownBy(work: () => void): unknown {
  try {
    work();
  } catch (error) {
    return error;
  }
  return assert.fail("nothing was thrown");
}
