import { defineContract, optional } from "@p8e/contract";
import {
  LoanValidationSchema,
  ValidationIterationSchema,
} from "../gen/tech/figure/validation/v1beta2/validation_pb.ts";
import { withIteration } from "../rules/validation-rules.ts";

export { scopeSpecification } from "../scope-specification.ts";

/** A validator records results that nobody asked for in the scope, with what was asked. */
export default defineContract({
  className: "example.loan.RecordStandaloneLoanValidationResults",
  scopes: ["example.loan"],
  participants: ["VALIDATOR"],
  records: { loanValidation: optional(LoanValidationSchema) },
}).fn(
  "recordStandaloneLoanValidationResults",
  {
    invokedBy: "VALIDATOR",
    inputs: { validationIteration: ValidationIterationSchema },
    writes: "loanValidation",
    as: LoanValidationSchema,
  },
  ({ records, inputs, startedAt }) =>
    withIteration(records.loanValidation, inputs.validationIteration, startedAt, "validationIteration"),
);
