import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { create, toBinary } from "@bufbuild/protobuf";
import * as objectStore from "@p8e/proto/object-store";
import { messageCodec } from "../src/method.ts";

const { ChunkBidiSchema } = objectStore;

/** A field of which the length comes first. */
const field = (number: number, ...bytes: readonly number[]) => [(number << 3) | 2, bytes.length, ...bytes];

describe("a message inside another", () => {
  const codec = messageCodec(ChunkBidiSchema);

  it("is read when it ends where it says", () => {
    const message = create(ChunkBidiSchema, {
      impl: { case: "multiStreamHeader", value: { streamCount: 1, metadata: { "x-created-by": "a", b: "" } } },
    });
    assert.deepEqual(codec.decode(toBinary(ChunkBidiSchema, message)), message);
    const chunk = create(ChunkBidiSchema, {
      impl: {
        case: "chunk",
        value: { header: { name: "DIME", contentLength: 5n }, impl: { case: "data", value: new Uint8Array(3000) } },
      },
    });
    assert.deepEqual(codec.decode(toBinary(ChunkBidiSchema, chunk)), chunk);
  });

  for (const [what, bytes] of [
    // The header's name says five bytes, and the header has room for three of them.
    ["a text that runs over the end of its message", [18, 9, 10, 5, 10, 5, 65, 66, 67, 18, 1]],
    ["a message that runs over the end of the one around it", [...field(2, 10, 40), 0, 0]],
    ["an entry of a map that runs over its end", [...field(1, ...[18, 3, 10, 4, 65]), 66, 67, 68]],
    ["a number that runs over its end", [...field(2, ...[10, 2, 16, 0x80]), 1]],
  ] as const) {
    it(`is refused with ${what}`, () => {
      assert.throws(() => codec.decode(Uint8Array.from(bytes)), { code: "rpc.protocol" });
    });
  }
});
