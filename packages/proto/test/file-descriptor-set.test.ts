import assert from "node:assert/strict";
import { test } from "node:test";
import {
  create,
  createFileRegistry,
  type DescFile,
  type DescMessage,
  fromBinary,
  getOption,
  hasOption,
} from "@bufbuild/protobuf";
import { FieldDescriptorProtoSchema, FieldOptionsSchema, FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import { fileDescriptorSet } from "@p8e/proto/file-descriptor-set";
import { javaClassName } from "@p8e/proto/java-class-name";
import * as metadata from "@p8e/proto/metadata";
import * as scope from "@p8e/proto/scope";
import { describe } from "./descriptors.ts";

const names = (bytes: Uint8Array) => fromBinary(FileDescriptorSetSchema, bytes).file.map((file) => file.name);

test("a set holds every file a type needs, each behind the files it imports", () => {
  assert.deepEqual(names(fileDescriptorSet([scope.EnvelopeSchema])), [
    "google/protobuf/any.proto",
    "google/protobuf/descriptor.proto",
    "google/protobuf/timestamp.proto",
    "public_key.proto",
    "common.proto",
    "util.proto",
    "io/provenance/scope/contract/common.proto",
    "io/provenance/scope/contract/specification.proto",
    "io/provenance/scope/contract/contract.proto",
    "io/provenance/scope/contract/envelope.proto",
  ]);
});

test("the order in which types are given does not change the bytes", () => {
  const one = [scope.EnvelopeSchema, metadata.ScopeSchema, scope.IndexSchema, scope.PartyTypeSchema];
  assert.deepEqual(fileDescriptorSet(one), fileDescriptorSet(one.toReversed()));
  assert.deepEqual(fileDescriptorSet([...one, ...one]), fileDescriptorSet(one));
});

test("the imports of each of many files are looked at a few times, whatever order they may come in", () => {
  const leaves = Array.from({ length: 20 }, (_, index) => `z${index}.proto`);
  const links = Array.from({ length: 50 }, (_, index) => `${index + 100}.proto`);
  // Each imports all leaves, and the link behind it.
  const file = [
    ...leaves.map((name) => ({ name, syntax: "proto3" })),
    ...links
      .map((name, index) => ({ name, syntax: "proto3", dependency: [...leaves, ...links.slice(index + 1, index + 2)] }))
      .toReversed(),
  ];
  const registry = createFileRegistry(create(FileDescriptorSetSchema, { file }));
  let looks = 0;
  const files = [...registry.files].map((each) => {
    const watched: DescFile = Object.create(each);
    return Object.defineProperty(watched, "dependencies", {
      get: () => {
        looks += 1;
        return each.dependencies.map(({ proto }) => files.find((other) => other.proto === proto)!);
      },
    });
  });
  assert.deepEqual(names(fileDescriptorSet(files)), [...leaves.toSorted(), ...links.toReversed()]);
  assert.ok(looks <= 2 * files.length, `${looks} looks at ${files.length} files`);
});

test("a set read back gives the same types, and the same set", () => {
  const bytes = fileDescriptorSet([scope.EnvelopeSchema, scope.IndexSchema]);
  const registry = createFileRegistry(fromBinary(FileDescriptorSetSchema, bytes));
  const read = registry.getMessage("io.provenance.scope.contract.Envelope");
  assert.ok(read);
  assert.deepEqual(
    read.fields.map((field) => [field.number, field.name, field.jsonName]),
    scope.EnvelopeSchema.fields.map((field) => [field.number, field.name, field.jsonName]),
  );
  assert.equal(javaClassName(read), javaClassName(scope.EnvelopeSchema));
  assert.deepEqual(fileDescriptorSet(registry.files), bytes);
});

test("Java names of descriptor.proto survive", () => {
  const bytes = fileDescriptorSet([scope.IndexSchema]);
  const options = fromBinary(FileDescriptorSetSchema, bytes).file[0]?.options;
  assert.equal(options?.javaPackage, "com.google.protobuf");
  assert.equal(options?.javaOuterClassname, "DescriptorProtos");
});

test("options are kept, extensions among them, and source positions are not", () => {
  const index = create(FieldOptionsSchema);
  // (io.provenance.scope.contract.index) = {index: ALWAYS}
  index.$unknown = [{ no: 65535, wireType: 2, data: Uint8Array.of(2, 0x08, 0x02) }];
  const file = describe({
    name: "indexed.proto",
    sourceCodeInfo: { location: [{ path: [4, 0], span: [1, 2, 3], leadingComments: "secret" }] },
    messageType: [
      {
        name: "M",
        field: [
          create(FieldDescriptorProtoSchema, {
            name: "a",
            number: 1,
            label: 1,
            type: 9,
            jsonName: "a",
            options: index,
          }),
        ],
      },
    ],
  });
  const set = fromBinary(FileDescriptorSetSchema, fileDescriptorSet([file]));
  assert.equal(set.file[0]?.sourceCodeInfo, undefined);
  const field = (createFileRegistry(set).getMessage("x.y.M") as DescMessage).field.a;
  assert.ok(field && hasOption(field, scope.index));
  assert.equal(getOption(field, scope.index).index, scope.Index_Behavior.ALWAYS);
});

test("two different files with one name are refused, equal ones are one", () => {
  const file = (message: string): DescFile => describe({ name: "same.proto", messageType: [{ name: message }] });
  assert.throws(() => fileDescriptorSet([file("A"), file("B")]), {
    code: "input.invalid",
    facts: { file: "same.proto" },
  });
  assert.deepEqual(names(fileDescriptorSet([file("A"), file("A")])), ["same.proto"]);
});
