import assert from "node:assert/strict";
import { test } from "node:test";
import { createRegistry, type DescFile, fromBinary } from "@bufbuild/protobuf";
import { Edition, FeatureSetSchema, FileDescriptorProtoSchema, TimestampSchema } from "@bufbuild/protobuf/wkt";
import { hexDecode } from "@p8e/core";
import * as cosmos from "@p8e/proto/cosmos";
import * as envelope from "@p8e/proto/envelope";
import { javaClassIndex, javaClassName, parseJavaClassName } from "@p8e/proto/java-class-name";
import * as metadata from "@p8e/proto/metadata";
import * as objectStore from "@p8e/proto/object-store";
import * as scope from "@p8e/proto/scope";
import { describe, typeAt } from "./descriptors.ts";

const zero = [{ name: "ZERO", number: 0 }];
// (pb.java).nest_in_file_class = YES / NO, as protoc encodes it
const nestYes = fromBinary(FeatureSetSchema, hexDecode("ca3e022802"));
const nestNo = fromBinary(FeatureSetSchema, hexDecode("ca3e022801"));

const cases: readonly [fact: string, file: DescFile, path: string, expected: string][] = [
  [
    "a message with the name of the file sends the file's class to OuterClass",
    describe({ name: "a/b/loan_state.proto", messageType: [{ name: "LoanState", nestedType: [{ name: "In" }] }] }),
    "LoanState.In",
    "x.y.LoanStateOuterClass$LoanState$In",
  ],
  [
    "a nested message with the name of the file counts",
    describe({ name: "nested_hit.proto", messageType: [{ name: "Mm", nestedType: [{ name: "NestedHit" }] }] }),
    "Mm",
    "x.y.NestedHitOuterClass$Mm",
  ],
  [
    "a nested enum with the name of the file counts",
    describe({ name: "enum_hit.proto", messageType: [{ name: "Mm", enumType: [{ name: "EnumHit", value: zero }] }] }),
    "Mm.EnumHit",
    "x.y.EnumHitOuterClass$Mm$EnumHit",
  ],
  [
    "the hidden entry type of a map counts",
    describe({
      name: "tags_entry.proto",
      messageType: [
        {
          name: "Mm",
          field: [{ name: "tags", number: 1, label: 3, type: 11, typeName: ".x.y.Mm.TagsEntry", jsonName: "tags" }],
          nestedType: [
            {
              name: "TagsEntry",
              options: { mapEntry: true },
              field: [
                { name: "key", number: 1, label: 1, type: 9, jsonName: "key" },
                { name: "value", number: 2, label: 1, type: 9, jsonName: "value" },
              ],
            },
          ],
        },
      ],
    }),
    "Mm",
    "x.y.TagsEntryOuterClass$Mm",
  ],
  [
    "a service with the name of the file counts",
    describe({ name: "svc_hit.proto", messageType: [{ name: "R" }], service: [{ name: "SvcHit" }] }),
    "R",
    "x.y.SvcHitOuterClass$R",
  ],
  [
    "a name that differs in case only does not count",
    describe({ name: "case_hit.proto", messageType: [{ name: "CASEHIT" }] }),
    "CASEHIT",
    "x.y.CaseHit$CASEHIT",
  ],
  [
    "digits stay and, like every sign, make the next letter a capital",
    describe({ name: "foo_bar2baz-qux.v1.proto", messageType: [{ name: "M" }] }),
    "M",
    "x.y.FooBar2BazQuxV1$M",
  ],
  [
    "the old suffix .protodevel is dropped too",
    describe({ name: "a/old_file.protodevel", messageType: [{ name: "M" }] }),
    "M",
    "x.y.OldFile$M",
  ],
  [
    "java_multiple_files puts types outside the file's class",
    describe({
      name: "multi.proto",
      options: { javaPackage: "j.p", javaMultipleFiles: true },
      messageType: [{ name: "Multi", nestedType: [{ name: "In" }] }],
    }),
    "Multi.In",
    "j.p.Multi$In",
  ],
  [
    "java_outer_classname names the file's class",
    describe({
      name: "outer.proto",
      options: { javaPackage: "j.p", javaOuterClassname: "Zed" },
      messageType: [{ name: "A", nestedType: [{ name: "B", nestedType: [{ name: "C" }] }] }],
    }),
    "A.B.C",
    "j.p.Zed$A$B$C",
  ],
  [
    "a top-level enum is named like a message",
    describe({ name: "kinds.proto", enumType: [{ name: "Kind", value: zero }] }),
    "Kind",
    "x.y.Kinds$Kind",
  ],
  [
    "an empty java_package is the default package, not the proto package",
    describe({ name: "bare.proto", options: { javaPackage: "" }, messageType: [{ name: "M" }] }),
    "M",
    "Bare$M",
  ],
  [
    "without any package there is no leading dot",
    describe({ name: "none.proto", package: "", messageType: [{ name: "M" }] }),
    "M",
    "None$M",
  ],
  [
    "edition 2023 keeps the older rules",
    describe({ name: "e23.proto", syntax: "editions", edition: Edition.EDITION_2023, messageType: [{ name: "E23" }] }),
    "E23",
    "x.y.E23OuterClass$E23",
  ],
  [
    "edition 2024 puts types outside the file's class",
    describe({ name: "e24.proto", syntax: "editions", edition: Edition.EDITION_2024, messageType: [{ name: "M" }] }),
    "M",
    "x.y.M",
  ],
  [
    "edition 2024 nests where the Java feature says YES, in a class that ends in Proto",
    describe({
      name: "e24.proto",
      syntax: "editions",
      edition: Edition.EDITION_2024,
      messageType: [{ name: "E24", options: { features: nestYes }, nestedType: [{ name: "In" }] }],
    }),
    "E24.In",
    "x.y.E24Proto$E24$In",
  ],
  [
    "edition 2024 does not nest where the Java feature says NO",
    describe({
      name: "e24.proto",
      syntax: "editions",
      edition: Edition.EDITION_2024,
      enumType: [{ name: "Kind", options: { features: nestNo }, value: zero }],
    }),
    "Kind",
    "x.y.Kind",
  ],
];

for (const [fact, file, path, expected] of cases) {
  test(fact, () => assert.equal(javaClassName(typeAt(file, path)), expected));
}

test("generated types have the class names that JVM software writes", () => {
  assert.equal(javaClassName(TimestampSchema), "com.google.protobuf.Timestamp");
  assert.equal(javaClassName(FileDescriptorProtoSchema), "com.google.protobuf.DescriptorProtos$FileDescriptorProto");
  assert.equal(javaClassName(scope.UUIDSchema), "io.provenance.scope.proto.Util$UUID");
  assert.equal(javaClassName(scope.PublicKeySchema), "io.provenance.scope.proto.PK$PublicKey");
  assert.equal(javaClassName(scope.SignatureSchema), "io.provenance.scope.proto.Common$Signature");
  assert.equal(javaClassName(scope.LocationSchema), "io.provenance.scope.contract.proto.Commons$Location");
  assert.equal(javaClassName(scope.ContractSchema), "io.provenance.scope.contract.proto.Contracts$Contract");
  assert.equal(javaClassName(scope.EnvelopeSchema), "io.provenance.scope.contract.proto.Envelopes$Envelope");
  assert.equal(javaClassName(scope.PartyTypeSchema), "io.provenance.scope.contract.proto.Specifications$PartyType");
  assert.equal(javaClassName(scope.IndexSchema), "io.provenance.scope.contract.proto.IndexProto$Index");
  assert.equal(javaClassName(envelope.DIMESchema), "io.provenance.scope.encryption.proto.Encryption$DIME");
  assert.equal(javaClassName(objectStore.ChunkSchema), "io.provenance.objectstore.proto.Objects$Chunk");
  assert.equal(javaClassName(objectStore.DimeSchema), "io.provenance.objectstore.proto.DimeOuterClass$Dime");
  assert.equal(javaClassName(metadata.ScopeSchema), "io.provenance.metadata.v1.Scope");
  assert.equal(javaClassName(cosmos.coin.CoinSchema), "cosmos.base.v1beta1.CoinOuterClass$Coin");
});

test("a file whose class is named as one of its types has no Java names", () => {
  const stated = describe({ name: "a.proto", options: { javaOuterClassname: "M" }, messageType: [{ name: "M" }] });
  const twice = describe({ name: "m.proto", messageType: [{ name: "M" }, { name: "MOuterClass" }] });
  for (const file of [stated, twice]) {
    assert.throws(() => javaClassName(typeAt(file, "M")), { code: "name.invalid" });
  }
});

test("a file name that begins with a digit gives no Java name", () => {
  const file = describe({ name: "2nd.proto", messageType: [{ name: "M" }] });
  assert.throws(() => javaClassName(typeAt(file, "M")), { code: "name.invalid" });
});

test("the index holds every message by its class name, nested ones too, and no enum", () => {
  const file = describe({
    name: "multi.proto",
    messageType: [{ name: "A", nestedType: [{ name: "B" }], enumType: [{ name: "K", value: zero }] }],
  });
  const index = javaClassIndex([file, file]);
  assert.deepEqual([...index.keys()], ["x.y.Multi$A", "x.y.Multi$A$B"]);
  assert.equal(index.get(parseJavaClassName("x.y.Multi$A$B")), typeAt(file, "A.B"));
});

test("the index reads a registry", () => {
  const index = javaClassIndex(createRegistry(scope.UUIDSchema, scope.PartyTypeSchema, metadata.ScopeSchema));
  assert.deepEqual([...index.keys()].sort(), [
    "io.provenance.metadata.v1.Scope",
    "io.provenance.scope.proto.Util$UUID",
  ]);
});

test("the index refuses two types with one class name", () => {
  const options = { javaPackage: "j.p", javaMultipleFiles: true };
  const one = describe({ name: "one.proto", package: "one", options, messageType: [{ name: "M" }] });
  const other = describe({ name: "other.proto", package: "other", options, enumType: [{ name: "M", value: zero }] });
  assert.throws(() => javaClassIndex([one, other]), {
    code: "name.invalid",
    facts: { className: "j.p.M", types: ["one.M", "other.M"] },
  });
});

test("an alias finds a renamed type, and may not take a name in use", () => {
  const file = describe({ name: "f.proto", messageType: [{ name: "A" }, { name: "B" }] });
  const a = typeAt(file, "A");
  assert.ok(a.kind === "message");
  assert.equal(javaClassIndex([file], [["old.place.A", a]]).get(parseJavaClassName("old.place.A")), a);
  assert.throws(() => javaClassIndex([file], [["x.y.F$B", a]]), { code: "name.invalid" });
});

test("a Java class name is dotted identifiers of at most 1000 characters", () => {
  for (const text of ["A", "a.b.C", "a.B$C$D", "_a.$b", "a.Ünit"]) assert.equal(parseJavaClassName(text), text);
  for (const text of ["", ".", "a.", ".a", "a..b", "1a", "a.1b", "a b", "a/b", "a-b", "a".repeat(1001)]) {
    assert.throws(() => parseJavaClassName(text), { code: "name.invalid" }, text);
  }
});
