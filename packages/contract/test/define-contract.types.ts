// Compile-time rules of the builder. This file is never run: `tsc` checks it, and an unused @ts-expect-error is an error.
import {
  type DoubleValue,
  DoubleValueSchema,
  Int32ValueSchema,
  type StringValue,
  StringValueSchema,
  type Timestamp,
} from "@bufbuild/protobuf/wkt";
import { defineContract, optional, type Proposals, required } from "@p8e/contract";

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
function assertType<T extends true>(_proof?: T): void {}

const base = defineContract({
  className: "example.Types",
  scopes: ["example"],
  participants: ["OWNER", "SERVICER"],
  records: { terms: required(StringValueSchema), history: optional(DoubleValueSchema) },
});

const contract = base
  .fn(
    "append",
    {
      invokedBy: "SERVICER",
      inputs: { event: StringValueSchema },
      writes: "history",
      as: DoubleValueSchema,
      lineage: ["terms"],
    },
    ({ records, inputs, startedAt }) => {
      assertType<Equal<typeof records.terms, StringValue>>();
      assertType<Equal<typeof records.history, DoubleValue | undefined>>();
      assertType<Equal<typeof inputs.event, StringValue>>();
      assertType<Equal<typeof startedAt, Timestamp>>();
      return { value: inputs.event.value.length + (records.history?.value ?? 0) };
    },
  )
  .fn(
    "grace",
    {
      invokedBy: "OWNER",
      inputs: { days: Int32ValueSchema },
      writes: "grace",
      as: Int32ValueSchema,
      skipIfExists: "history",
    },
    ({ inputs }) => inputs.days,
  );

const proposals: Proposals<typeof contract> = {};
assertType<Equal<(typeof proposals)["event"], StringValue | undefined>>();
// @ts-expect-error no function takes an input of this name
proposals.other;
// @ts-expect-error an input has its own type
const wrong: Proposals<typeof contract> = { event: 1 };

export { wrong };

const one = { inputs: {}, writes: "one", as: StringValueSchema } as const;

// @ts-expect-error invokedBy is a participant
base.fn("f", { ...one, invokedBy: "INVESTOR" }, () => ({}));

// @ts-expect-error a function's name is used once
contract.fn("append", { ...one, invokedBy: "OWNER" }, () => ({}));

// @ts-expect-error a record is written by one function
contract.fn("other", { ...one, writes: "history", invokedBy: "OWNER" }, () => ({}));

// @ts-expect-error skipIfExists names an optional record
base.fn("f", { ...one, invokedBy: "OWNER", skipIfExists: "terms" }, () => ({}));

// @ts-expect-error lineage names required records
base.fn("f", { ...one, invokedBy: "OWNER", lineage: ["history"] }, () => ({}));

// @ts-expect-error the result has the type of the record
base.fn("f", { ...one, invokedBy: "OWNER" }, () => ({ value: 7 }));

// @ts-expect-error a function is synchronous
base.fn("f", { ...one, invokedBy: "OWNER" }, async () => ({ value: "later" }));

// @ts-expect-error a function returns a message
base.fn("f", { ...one, invokedBy: "OWNER" }, () => undefined);

base.fn("f", { ...one, invokedBy: "OWNER" }, ({ records }) => {
  // @ts-expect-error only declared records are seen
  records.unknown;
  // @ts-expect-error an optional record may be absent
  return { value: String(records.history.value) };
});

// @ts-expect-error participants are roles
defineContract({ className: "example.Types", scopes: ["example"], participants: ["LENDER"] });
