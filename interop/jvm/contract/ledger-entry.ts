// The twin of LedgerEntryContract.java: a contract as ours defines it, for the specification that comes out of it.
import { Int64ValueSchema, StringValueSchema, TimestampSchema } from "@bufbuild/protobuf/wkt";
import { defineContract, required } from "@p8e/contract";

export default defineContract({
  className: "p8e.interop.LedgerEntryContract",
  scopes: ["p8e.interop.ledger"],
  participants: ["OWNER", "SERVICER"],
  records: { account: required(StringValueSchema), opened: required(TimestampSchema) },
})
  .fn(
    "recordBalance",
    { invokedBy: "SERVICER", inputs: { balance: Int64ValueSchema }, writes: "balance", as: Int64ValueSchema },
    ({ inputs }) => inputs.balance,
  )
  .fn(
    "recordEntry",
    {
      invokedBy: "OWNER",
      inputs: { memo: StringValueSchema },
      writes: "entry",
      as: StringValueSchema,
      lineage: ["opened"],
    },
    ({ records, inputs }) => ({
      value: `${records.account.value} ${inputs.memo.value} ${records.opened.seconds}`,
    }),
  );
