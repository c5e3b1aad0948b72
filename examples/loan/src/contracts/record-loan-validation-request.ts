import { defineContract, optional } from "@p8e/contract";
import { LoanValidationSchema, ValidationRequestSchema } from "../gen/tech/figure/validation/v1beta2/validation_pb.ts";
import { withRequest } from "../rules/validation-rules.ts";

export { scopeSpecification } from "../scope-specification.ts";

/** Asks a validator to look at a loan. */
export default defineContract({
  className: "example.loan.RecordLoanValidationRequest",
  scopes: ["example.loan"],
  participants: ["OWNER"],
  records: { loanValidation: optional(LoanValidationSchema) },
}).fn(
  "recordLoanValidationRequest",
  {
    invokedBy: "OWNER",
    inputs: { newRequest: ValidationRequestSchema },
    writes: "loanValidation",
    as: LoanValidationSchema,
  },
  ({ records, inputs, startedAt }) => withRequest(records.loanValidation, inputs.newRequest, startedAt, "newRequest"),
);
