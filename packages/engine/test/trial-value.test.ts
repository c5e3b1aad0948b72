import assert from "node:assert/strict";
import { it } from "node:test";
import { create, createFileRegistry, type DescMessage, fromBinary, toJson } from "@bufbuild/protobuf";
import {
  AnySchema,
  FileDescriptorProtoSchema,
  FileDescriptorSetSchema,
  file_google_protobuf_descriptor,
  file_google_protobuf_struct,
  StructSchema,
  TimestampSchema,
} from "@bufbuild/protobuf/wkt";
import type { ContractTypes } from "@p8e/contract";
import { decodeMessage } from "@p8e/decoding";
import { trialValue } from "../src/trial/trial-value.ts";

const registry = createFileRegistry(
  create(FileDescriptorSetSchema, {
    file: [file_google_protobuf_descriptor, file_google_protobuf_struct].map(({ proto }) => proto),
  }),
);
const types = { registry } as unknown as ContractTypes;

it("made-up values are messages of their types, with everything, nothing and something in them, the same each time", () => {
  // Lists, enums, required fields and types that hold themselves; maps and oneofs.
  for (const schema of [FileDescriptorProtoSchema, StructSchema] as readonly DescMessage[]) {
    for (const fields of ["none", "all", "some"] as const) {
      for (let seed = 1; seed <= 20; seed += 1) {
        const options = { fields, seed, words: ["end-of-month"] };
        const bytes = trialValue(schema, types, options);
        decodeMessage(schema, bytes, { what: "the made-up value" });
        assert.deepEqual(trialValue(schema, types, options), bytes);
        if (fields === "none") assert.equal(bytes.length, 0);
        else if (fields === "all") assert.ok(bytes.length > 5);
      }
    }
  }
  const some = [1, 2, 3].map((seed) =>
    Buffer.from(trialValue(FileDescriptorProtoSchema, types, { fields: "some", seed, words: [] })).toString("hex"),
  );
  assert.equal(new Set(some).size, 3);
});

it("a made-up Any holds a type that is known, a made-up time is one", () => {
  const any = fromBinary(AnySchema, trialValue(AnySchema, types, { fields: "all", seed: 1, words: [] }));
  assert.ok(registry.getMessage(any.typeUrl.slice(1)));
  const time = fromBinary(TimestampSchema, trialValue(TimestampSchema, types, { fields: "some", seed: 5, words: [] }));
  assert.match(String(toJson(TimestampSchema, time)), /^\d{4}-\d\d-\d\dT/);
});

it("every text of a made-up value is the one that is wanted", () => {
  const options = { fields: "all", seed: 1, words: [], everyText: "end-of-month" } as const;
  const { name, dependency } = fromBinary(
    FileDescriptorProtoSchema,
    trialValue(FileDescriptorProtoSchema, types, options),
  );
  assert.deepEqual([name, dependency], ["end-of-month", ["end-of-month"]]);
});
