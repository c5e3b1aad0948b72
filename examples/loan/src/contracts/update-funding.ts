import { defineContract, required } from "@p8e/contract";
import { AssetSchema } from "../gen/tech/figure/asset/v1beta1/asset_pb.ts";
import { FundingSchema } from "../gen/tech/figure/loan/v1beta1/loan_pb.ts";
import { withFunding } from "../rules/asset-rules.ts";

export { scopeSpecification } from "../scope-specification.ts";

/** Records how far the funding of a loan has come; nothing else of the loan changes. */
export default defineContract({
  className: "example.loan.UpdateFunding",
  scopes: ["example.loan"],
  participants: ["OWNER"],
  records: { asset: required(AssetSchema) },
}).fn(
  "updateFunding",
  { invokedBy: "OWNER", inputs: { newFunding: FundingSchema }, writes: "asset", as: AssetSchema },
  ({ records, inputs, startedAt }) => withFunding(records.asset, inputs.newFunding, startedAt, "newFunding"),
);
