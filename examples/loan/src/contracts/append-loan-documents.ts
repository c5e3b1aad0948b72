import { defineContract, optional } from "@p8e/contract";
import { LoanDocumentsSchema } from "../gen/tech/figure/loan/v1beta1/loan_documents_pb.ts";
import { ServicingDataSchema } from "../gen/tech/figure/servicing/v1beta1/loan_state_pb.ts";
import { appendedLoanDocuments } from "../rules/document-rules.ts";
import { withDesignatedDocuments } from "../rules/servicing-rules.ts";

export { scopeSpecification } from "../scope-specification.ts";

/** Adds documents to a loan; those that its guidance designates join the servicing data too. */
export default defineContract({
  className: "example.loan.AppendLoanDocuments",
  scopes: ["example.loan"],
  participants: ["OWNER"],
  records: { documents: optional(LoanDocumentsSchema), servicingData: optional(ServicingDataSchema) },
})
  .fn(
    "appendDocuments",
    { invokedBy: "OWNER", inputs: { documents: LoanDocumentsSchema }, writes: "documents", as: LoanDocumentsSchema },
    ({ records, inputs }) => appendedLoanDocuments(records.documents, inputs.documents),
  )
  .fn(
    "appendServicingDocuments",
    {
      invokedBy: "OWNER",
      inputs: { documents: LoanDocumentsSchema },
      writes: "servicingData",
      as: ServicingDataSchema,
    },
    ({ records, inputs }) => withDesignatedDocuments(records.servicingData, inputs.documents),
  );
