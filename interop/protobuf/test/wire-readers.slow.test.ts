// Serialized messages as everybody reads them: what ours refuses for its wire types, protobuf-go and Java take for unknown.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, it } from "node:test";
import { createFileRegistry, fromBinary } from "@bufbuild/protobuf";
import { FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import { P8eError } from "@p8e/core";
import { checkMessage } from "@p8e/decoding";
import { goReader } from "../readers.ts";

const registry = createFileRegistry(
  fromBinary(FileDescriptorSetSchema, readFileSync(new URL("../types.binpb", import.meta.url))),
);
const schema = registry.getMessage("probe.v1.P")!;

describe("a serialized message", { timeout: 300_000 }, () => {
  it("is taken where Go takes it, but for known fields under another wire type", async () => {
    const go = await goReader();
    const given = Array.from({ length: 200_000 }, (_, seed) => bytesOf(seed));
    const answers = go(given.map((bytes) => ({ form: "binary", typeName: schema.typeName, bytes })));
    const seen = { both: 0, neither: 0, wireType: 0 };
    for (const [index, bytes] of given.entries()) {
      const refused = refusalOf(bytes);
      const taken = "bytes" in answers[index]!;
      if (refused === undefined && taken) seen.both += 1;
      else if (refused !== undefined && !taken) seen.neither += 1;
      else {
        assert.ok(
          taken && /has the wire type/.test(refused ?? ""),
          `${Buffer.from(bytes).toString("hex")}: ${refused}, ${JSON.stringify(answers[index])}`,
        );
        seen.wireType += 1;
      }
    }
    assert.ok(
      Object.values(seen).every((count) => count > 1000),
      JSON.stringify(seen),
    );
  });
});

function refusalOf(bytes: Uint8Array): string | undefined {
  try {
    checkMessage(schema, bytes, { what: "the message" });
    return undefined;
  } catch (error) {
    assert.ok(error instanceof P8eError);
    return error.message;
  }
}

/** A few fields with some number, some wire type and some content; many of them are malformed. */
function bytesOf(seed: number): Uint8Array {
  let state = (seed * 2654435761 + 12345) >>> 0;
  const next = (below: number) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
  const bytes: number[] = [];
  const varint = (value: number) => {
    for (; value > 127; value = Math.floor(value / 128)) bytes.push((value % 128) + 128);
    bytes.push(value);
  };
  for (let count = next(4); count >= 0; count--) {
    const wireType = [0, 0, 1, 2, 2, 2, 3, 4, 5, 6][next(10)]!;
    varint(next(64) * 8 + wireType);
    if (wireType === 0) varint(next(300));
    else if (wireType === 1) bytes.push(...Array.from({ length: 8 }, () => next(256)));
    else if (wireType === 5) bytes.push(...Array.from({ length: 4 }, () => next(256)));
    else if (wireType === 2) {
      const length = next(5);
      varint(length + (next(20) === 0 ? 1 : 0));
      bytes.push(...Array.from({ length }, () => next(20) * (next(3) + 1)));
    } else if (wireType === 3 && next(2) === 0) bytes.push(bytes.at(-1)! + 1);
  }
  return Uint8Array.from(bytes);
}
