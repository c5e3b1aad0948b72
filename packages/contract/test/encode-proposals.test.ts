import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { create, toBinary } from "@bufbuild/protobuf";
import { DoubleValueSchema, Int32ValueSchema, StringValueSchema } from "@bufbuild/protobuf/wkt";
import { classNameOfContract, defineContract, encodeProposals } from "@p8e/contract";

const contract = defineContract({ className: "example.Proposals", scopes: ["example"], participants: ["OWNER"] })
  .fn(
    "one",
    { invokedBy: "OWNER", inputs: { name: StringValueSchema }, writes: "a", as: StringValueSchema },
    () => ({}),
  )
  .fn(
    "two",
    { invokedBy: "OWNER", inputs: { days: Int32ValueSchema }, writes: "b", as: StringValueSchema },
    () => ({}),
  );

describe("proposals typed by a contract", () => {
  const name = create(StringValueSchema, { value: "Ada" });

  it("become bytes and class names by the schemas of all its functions; absent ones are left out", () => {
    const days = create(Int32ValueSchema, { value: 3 });
    assert.deepEqual(
      encodeProposals(contract, { name, days }),
      new Map([
        ["name", { className: "com.google.protobuf.StringValue", bytes: toBinary(StringValueSchema, name) }],
        ["days", { className: "com.google.protobuf.Int32Value", bytes: toBinary(Int32ValueSchema, days) }],
      ]),
    );
    assert.deepEqual([...encodeProposals(contract, { name, days: undefined! }).keys()], ["name"]);
    assert.equal(classNameOfContract(contract), "example.Proposals");
  });

  it("are refused under a name, or of a type, that the contract does not have", () => {
    const other = { other: name } as never;
    assert.throws(() => encodeProposals(contract, other), {
      code: "session.invalid",
      facts: { contract: "example.Proposals", input: "other", inputs: ["name", "days"] },
    });
    const wrong = { name: create(DoubleValueSchema) } as never;
    assert.throws(() => encodeProposals(contract, wrong), {
      code: "session.type_mismatch",
      facts: {
        ...{ contract: "example.Proposals", input: "name" },
        ...{ expected: "google.protobuf.StringValue", found: "google.protobuf.DoubleValue" },
      },
    });
  });
});
