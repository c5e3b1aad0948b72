import { defineContract, optional } from "@p8e/contract";
import { ENoteSchema } from "../gen/io/dartinc/registry/v1beta1/registry_pb.ts";
import { AssetSchema } from "../gen/tech/figure/asset/v1beta1/asset_pb.ts";
import { LoanDocumentsSchema } from "../gen/tech/figure/loan/v1beta1/loan_documents_pb.ts";
import { LoanSchema } from "../gen/tech/figure/loan/v1beta1/loan_pb.ts";
import { ServicingDataSchema } from "../gen/tech/figure/servicing/v1beta1/loan_state_pb.ts";
import { ServicingRightsSchema } from "../gen/tech/figure/servicing/v1beta1/servicing_rights_pb.ts";
import { LoanValidationSchema as LoanValidationsSchema } from "../gen/tech/figure/validation/v1beta1/validation_pb.ts";
import { LoanValidationSchema } from "../gen/tech/figure/validation/v1beta2/validation_pb.ts";
import { checkAsset } from "../rules/asset-rules.ts";
import { checkLoanDocuments } from "../rules/document-rules.ts";
import { checkNote } from "../rules/note-rules.ts";
import { checkServicingRights, updatedServicingData } from "../rules/servicing-rules.ts";
import { checkValidation } from "../rules/validation-rules.ts";

export { scopeSpecification } from "../scope-specification.ts";

/** Records a loan package, or what has changed of it: each record is written if its input is given. */
export default defineContract({
  className: "example.loan.RecordLoan",
  scopes: ["example.loan"],
  participants: ["OWNER"],
  // An asset holds its loan in an Any.
  types: [LoanSchema],
  records: {
    asset: optional(AssetSchema),
    eNote: optional(ENoteSchema),
    servicingData: optional(ServicingDataSchema),
    servicingRights: optional(ServicingRightsSchema),
  },
})
  .fn(
    "recordAsset",
    { invokedBy: "OWNER", inputs: { asset: AssetSchema }, writes: "asset", as: AssetSchema },
    ({ records, inputs, startedAt }) => {
      checkAsset(inputs.asset, records.asset, startedAt);
      return inputs.asset;
    },
  )
  .fn(
    "recordServicingRights",
    {
      invokedBy: "OWNER",
      inputs: { servicingRights: ServicingRightsSchema },
      writes: "servicingRights",
      as: ServicingRightsSchema,
      skipIfExists: "servicingRights",
    },
    ({ inputs }) => {
      checkServicingRights(inputs.servicingRights);
      return inputs.servicingRights;
    },
  )
  .fn(
    "recordDocuments",
    {
      invokedBy: "OWNER",
      inputs: { documents: LoanDocumentsSchema },
      writes: "documents",
      as: LoanDocumentsSchema,
    },
    ({ inputs }) => {
      checkLoanDocuments(inputs.documents);
      return inputs.documents;
    },
  )
  .fn(
    "recordServicingData",
    {
      invokedBy: "OWNER",
      inputs: { servicingData: ServicingDataSchema },
      writes: "servicingData",
      as: ServicingDataSchema,
    },
    ({ records, inputs, startedAt }) => updatedServicingData(records.servicingData, inputs.servicingData, startedAt),
  )
  .fn(
    "recordOldValidationData",
    {
      invokedBy: "OWNER",
      inputs: { loanValidations: LoanValidationsSchema },
      writes: "loanValidations",
      as: LoanValidationsSchema,
    },
    ({ inputs }) => inputs.loanValidations,
  )
  .fn(
    "recordValidationData",
    {
      invokedBy: "OWNER",
      inputs: { loanValidation: LoanValidationSchema },
      writes: "loanValidation",
      as: LoanValidationSchema,
    },
    ({ inputs, startedAt }) => {
      checkValidation(inputs.loanValidation, startedAt);
      return inputs.loanValidation;
    },
  )
  .fn(
    "recordENote",
    {
      invokedBy: "OWNER",
      inputs: { eNote: ENoteSchema },
      writes: "eNote",
      as: ENoteSchema,
      skipIfExists: "eNote",
    },
    ({ inputs, startedAt }) => {
      checkNote(inputs.eNote, startedAt);
      return inputs.eNote;
    },
  );
