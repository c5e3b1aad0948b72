import { defineContract, optional } from "@p8e/contract";
import { ENoteSchema } from "../gen/io/dartinc/registry/v1beta1/registry_pb.ts";
import { ServicingDataSchema } from "../gen/tech/figure/servicing/v1beta1/loan_state_pb.ts";
import { checkNote } from "../rules/note-rules.ts";
import { updatedServicingData } from "../rules/servicing-rules.ts";

export { scopeSpecification } from "../scope-specification.ts";

/** Records the eNote of a loan that has none yet, and its first servicing data. */
export default defineContract({
  className: "example.loan.RecordENote",
  scopes: ["example.loan"],
  participants: ["OWNER"],
  records: { eNote: optional(ENoteSchema), servicingData: optional(ServicingDataSchema) },
})
  .fn(
    "recordENote",
    { invokedBy: "OWNER", inputs: { eNote: ENoteSchema }, writes: "eNote", as: ENoteSchema, skipIfExists: "eNote" },
    ({ inputs, startedAt }) => {
      checkNote(inputs.eNote, startedAt);
      return inputs.eNote;
    },
  )
  .fn(
    "recordServicingData",
    {
      invokedBy: "OWNER",
      inputs: { servicingData: ServicingDataSchema },
      writes: "servicingData",
      as: ServicingDataSchema,
      skipIfExists: "servicingData",
    },
    ({ records, inputs, startedAt }) => updatedServicingData(records.servicingData, inputs.servicingData, startedAt),
  );
