import { defineContract, required } from "@p8e/contract";
import { LoanValidationSchema, ValidationResponseSchema } from "../gen/tech/figure/validation/v1beta2/validation_pb.ts";
import { withResults } from "../rules/validation-rules.ts";

export { scopeSpecification } from "../scope-specification.ts";

/** A validator answers a request with where its results lie. */
export default defineContract({
  className: "example.loan.RecordLoanValidationResults",
  scopes: ["example.loan"],
  participants: ["VALIDATOR"],
  records: { loanValidation: required(LoanValidationSchema) },
}).fn(
  "recordLoanValidationResults",
  {
    invokedBy: "VALIDATOR",
    inputs: { resultSubmission: ValidationResponseSchema },
    writes: "loanValidation",
    as: LoanValidationSchema,
  },
  ({ records, inputs, startedAt }) =>
    withResults(records.loanValidation, inputs.resultSubmission, startedAt, "resultSubmission"),
);
