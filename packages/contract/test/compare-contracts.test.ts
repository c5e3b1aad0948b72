import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { create, toBinary } from "@bufbuild/protobuf";
import {
  FieldDescriptorProto_Label,
  FieldDescriptorProto_Type,
  FileDescriptorSetSchema,
  file_google_protobuf_struct,
  file_google_protobuf_wrappers,
} from "@bufbuild/protobuf/wkt";
import { type ContractManifest, type ContractTypes, compareContracts, parseContractTypes } from "@p8e/contract";
import { hashContent, utf8Encode } from "@p8e/core";
import { fileDescriptorSet } from "@p8e/proto/file-descriptor-set";
import { parseJavaClassName } from "@p8e/proto/java-class-name";
import { manifest } from "./manifest-fixture.ts";

const wellKnown = await parseContractTypes(
  fileDescriptorSet([file_google_protobuf_wrappers, file_google_protobuf_struct]),
);

/** What changed, in lines. */
function changes(change: Partial<ContractManifest>, from: ContractManifest = manifest): readonly string[] {
  const found = compareContracts(
    { manifest: from, types: wellKnown },
    { manifest: { ...from, ...change }, types: wellKnown },
  );
  return found.map(({ what, says, breaks }) => {
    const whom = breaks === undefined ? "" : ` [${Object.values(breaks).join(" ")}]`;
    return `${what} ${says}${whom}`;
  });
}

const [rate, append] = manifest.functions as readonly [(typeof manifest.functions)[0], (typeof manifest.functions)[0]];
const other = { typeName: "google.protobuf.BoolValue", className: parseJavaClassName("google.protobuf.BoolValue") };

describe("two versions of a contract", () => {
  it("that are the same differ in nothing; other code alone breaks nothing", () => {
    assert.deepEqual(changes({}), []);
    const bundle = { hash: hashContent(utf8Encode("other code")), sizeBytes: 10 };
    assert.deepEqual(changes({ bundle }), ["the contract has other code"]);
  });

  it("differ in who signs: every scope needs other parties", () => {
    assert.deepEqual(changes({ participants: ["OWNER", "INVESTOR"] }), [
      "the contract must be signed by the INVESTOR too [every_scope]",
      "the contract is not signed by the SERVICER any more [every_scope]",
    ]);
  });

  it("differ in the records they read: where one is as another type, or is missing", () => {
    const [terms, history] = manifest.records;
    assert.deepEqual(
      changes({
        records: [
          { ...terms!, ...other },
          { ...history!, optional: false },
        ],
      }),
      [
        'record "terms" is read as a google.protobuf.BoolValue, and was as a google.protobuf.StringValue [with_record terms]',
        'record "history" must be there [without_record history]',
      ],
    );
    assert.deepEqual(
      changes({
        records: [
          { ...terms!, optional: true },
          { ...other, name: "note", optional: true },
        ],
      }),
      [
        'record "terms" need not be there any more',
        'record "note" is read if it is there',
        'record "history" is not read any more',
      ],
    );
  });

  it("differ in the records they write", () => {
    assert.deepEqual(changes({ functions: [append] }), [
      'function "Rate" is gone',
      'record "rate" is not written any more [with_record rate]',
    ]);
    assert.deepEqual(changes({ functions: [{ ...rate, writes: { name: "rate", ...other } }, append] }), [
      'record "rate" is written as a google.protobuf.BoolValue, and was as a google.protobuf.DoubleValue [with_record rate]',
    ]);
    const added = { ...rate, name: "note", writes: { name: "note", ...other } };
    assert.deepEqual(changes({ functions: [rate, append, added] }), ['function "note" is new, and writes "note"']);
  });

  it("differ in what is proposed: whoever did so before must propose otherwise", () => {
    const { inputs } = append;
    const more = { ...append, inputs: [...inputs, { name: "reason", ...other }] };
    assert.deepEqual(changes({ functions: [rate, more] }), [
      'function "appendEvent" is passed over without the new input "reason" [every_scope]',
    ]);
    assert.deepEqual(changes({ functions: [rate, { ...append, inputs: [] }] }), [
      'function "appendEvent" does not take the input "event" any more [every_scope]',
    ]);
    assert.deepEqual(changes({ functions: [rate, { ...append, inputs: [{ name: "event", ...other }] }] }), [
      'function "appendEvent" takes "event" as a google.protobuf.BoolValue, and did as a google.protobuf.StringValue [every_scope]',
    ]);
    assert.deepEqual(changes({ functions: [rate, { ...append, skipIfExists: "history" }] }), [
      'function "appendEvent" is passed over where there is a record "history" [with_record history]',
    ]);
  });

  it("differ in how types of one name are read: a field that is gone, or is another type; one more breaks nothing", async () => {
    const { INT64, STRING } = FieldDescriptorProto_Type;
    const field = (number: number, name: string, type: FieldDescriptorProto_Type) => ({
      ...{ number, name, jsonName: name, type, label: FieldDescriptorProto_Label.OPTIONAL },
    });
    const typesWith = (fields: readonly ReturnType<typeof field>[]): Promise<ContractTypes> =>
      parseContractTypes(
        toBinary(
          FileDescriptorSetSchema,
          create(FileDescriptorSetSchema, {
            file: [
              {
                ...{ name: "example.proto", package: "example", syntax: "proto3" },
                options: { javaMultipleFiles: true },
                messageType: [{ name: "Loan", field: [...fields] }],
              },
            ],
          }),
        ),
      );
    const loan = { typeName: "example.Loan", className: parseJavaClassName("example.Loan") };
    const own: ContractManifest = {
      ...manifest,
      records: [],
      functions: [{ ...rate, writes: { name: "loan", ...loan } }],
    };
    const before = { manifest: own, types: await typesWith([field(1, "amount", INT64), field(2, "name", STRING)]) };
    const compare = async (fields: readonly ReturnType<typeof field>[]) =>
      compareContracts(before, { manifest: own, types: await typesWith(fields) });
    const breaks = { kind: "with_record", record: "loan" };
    assert.deepEqual(await compare([field(1, "amount", STRING)]), [
      { what: "type example.Loan.amount", says: "is string, and was int64", breaks },
      { what: "type example.Loan.name", says: "has no field 2 any more", breaks },
    ]);
    assert.deepEqual(
      await compare([field(1, "amount", INT64), field(2, "name", STRING), field(3, "rate", STRING)]),
      [],
    );
  });
});
