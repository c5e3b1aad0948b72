import { defineContract, optional } from "@p8e/contract";
import { LoanStateSubmissionSchema, ServicingDataSchema } from "../gen/tech/figure/servicing/v1beta1/loan_state_pb.ts";
import { withLoanStates } from "../rules/servicing-rules.ts";

export { scopeSpecification } from "../scope-specification.ts";

/** A servicer adds what became of a loan while it was serviced. */
export default defineContract({
  className: "example.loan.AppendLoanStates",
  scopes: ["example.loan"],
  participants: ["SERVICER"],
  records: { servicingData: optional(ServicingDataSchema) },
}).fn(
  "appendLoanStates",
  {
    invokedBy: "SERVICER",
    inputs: { newLoanStates: LoanStateSubmissionSchema },
    writes: "servicingData",
    as: ServicingDataSchema,
  },
  ({ records, inputs, startedAt }) =>
    withLoanStates(records.servicingData, inputs.newLoanStates.loanState, startedAt, "newLoanStates.loanState"),
);
