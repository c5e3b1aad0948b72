import assert from "node:assert/strict";
import { it } from "node:test";
import { create, createFileRegistry, type DescMessage, fromBinary, toJson } from "@bufbuild/protobuf";
import {
  AnySchema,
  FieldDescriptorProto_Label,
  FieldDescriptorProto_Type,
  FileDescriptorProtoSchema,
  FileDescriptorSetSchema,
  file_google_protobuf_descriptor,
  file_google_protobuf_struct,
  StructSchema,
  TimestampSchema,
} from "@bufbuild/protobuf/wkt";
import type { ContractTypes, SourcePlaces } from "@p8e/contract";
import { decodeMessage } from "@p8e/decoding";
import { bundleWords } from "../src/trial/bundle-words.ts";
import { type TrialValueOptions, trialValue } from "../src/trial/trial-value.ts";

const registry = createFileRegistry(
  create(FileDescriptorSetSchema, {
    file: [file_google_protobuf_descriptor, file_google_protobuf_struct].map(({ proto }) => proto),
  }),
);
const types = { registry } as unknown as ContractTypes;

const made = (schema: DescMessage, options: TrialValueOptions): Uint8Array => {
  const bytes = trialValue(schema, types, options);
  assert.ok(bytes);
  return bytes;
};

it("made-up values are messages of their types, with everything, nothing and something in them, the same each time", () => {
  // Lists, enums, required fields and types that hold themselves; maps and oneofs.
  for (const schema of [FileDescriptorProtoSchema, StructSchema] as readonly DescMessage[]) {
    for (const fields of ["none", "all", "some"] as const) {
      for (let seed = 1; seed <= 20; seed += 1) {
        const options = { fields, seed, words: ["end-of-month"] };
        const bytes = made(schema, options);
        decodeMessage(schema, bytes, { what: "the made-up value" });
        assert.deepEqual(made(schema, options), bytes);
        if (fields === "none") assert.equal(bytes.length, 0);
        else if (fields === "all") assert.ok(bytes.length > 5);
      }
    }
  }
  const some = [1, 2, 3].map((seed) =>
    Buffer.from(made(FileDescriptorProtoSchema, { fields: "some", seed, words: [] })).toString("hex"),
  );
  assert.equal(new Set(some).size, 3);
});

it("a made-up Any holds a type that is known, a made-up time is one", () => {
  const any = fromBinary(AnySchema, made(AnySchema, { fields: "all", seed: 1, words: [] }));
  assert.ok(registry.getMessage(any.typeUrl.slice(1)));
  const time = fromBinary(TimestampSchema, made(TimestampSchema, { fields: "some", seed: 5, words: [] }));
  assert.match(String(toJson(TimestampSchema, time)), /^\d{4}-\d\d-\d\dT/);
});

it("every text of a made-up value is the one that is wanted", () => {
  const options = { fields: "all", seed: 1, words: [], everyText: "end-of-month" } as const;
  const { name, dependency } = fromBinary(FileDescriptorProtoSchema, made(FileDescriptorProtoSchema, options));
  assert.deepEqual([name, dependency], ["end-of-month", ["end-of-month"]]);
});

it("of a type that requires itself nothing is made up, and of one that requires much all of it is", () => {
  const { registry: own, types: ownTypes } = requiring([
    ["Self", ["Self"]],
    ["Twice", ["Twice", "Twice"]],
    ["Holder", ["Self"]],
    ["Deep", ["Deep1"]],
    ...Array.from({ length: 12 }, (_, index) => [`Deep${index + 1}`, [`Deep${index + 2}`]] as const),
    ["Deep13", []],
  ]);
  for (const fields of ["none", "all", "some"] as const) {
    const options = { fields, seed: 3, words: [] };
    for (const endless of ["Self", "Twice", "Holder"]) {
      assert.equal(trialValue(own.getMessage(endless)!, ownTypes, options), undefined, `${endless}, ${fields}`);
    }
    const deep = own.getMessage("Deep")!;
    decodeMessage(deep, trialValue(deep, ownTypes, options)!, { what: "the made-up value" });
  }
});

/** Messages of proto2 with required fields only. */
function requiring(messages: readonly (readonly [name: string, requires: readonly string[]])[]) {
  const file = create(FileDescriptorProtoSchema, {
    name: "requiring.proto",
    syntax: "proto2",
    messageType: messages.map(([name, requires]) => ({
      name,
      field: requires.map((typeName, index) => ({
        name: `f${index + 1}`,
        number: index + 1,
        label: FieldDescriptorProto_Label.REQUIRED,
        type: FieldDescriptorProto_Type.MESSAGE,
        typeName: `.${typeName}`,
      })),
    })),
  });
  const made = createFileRegistry(create(FileDescriptorSetSchema, { file: [file] }));
  return { registry: made, types: { registry: made } as unknown as ContractTypes };
}

it("the words of a source are its short texts, whatever stands beside them", () => {
  const everywhere = { placeOf: () => ({ file: "contract.ts", line: 1 }), placeIn: () => undefined };
  const wordsOf = (...lines: readonly string[]) =>
    [...bundleWords(lines.join("\n"), everywhere as SourcePlaces)].sort();
  assert.deepEqual(
    wordsOf(
      String.raw`if (a === "with \"escape\"" || b === "after it") {`,
      `if (c === "${"long ".repeat(20)}" || d === "short") {`,
      `if (e === 'says "so"' || f === "" || g === "last") {`,
    ),
    ["after it", "last", "short", "so"],
  );
  // What has no end is no text.
  assert.deepEqual(wordsOf('const i = /"/;', 'm("n");'), ["n"]);
  assert.equal(wordsOf(...Array.from({ length: 40 }, (_, index) => `o("p${index}");`)).length, 12);
});
