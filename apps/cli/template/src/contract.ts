import { defineContract, defineScopeSpecification, refuse } from "@p8e/contract";
import { AppraisalSchema } from "./gen/appraisal/v1/appraisal_pb.ts";

export const scopeSpecification = defineScopeSpecification({
  name: "CONTRACT_NAME",
  description: "A loan's appraisal",
  parties: ["OWNER"],
});

export default defineContract({
  className: "CONTRACT_NAME.RecordAppraisal",
  scopes: [scopeSpecification.name],
  participants: ["OWNER"],
}).fn(
  "recordAppraisal",
  { invokedBy: "OWNER", inputs: { appraisal: AppraisalSchema }, writes: "appraisal", as: AppraisalSchema },
  ({ inputs: { appraisal } }) => {
    if (appraisal.valueCents <= 0n) {
      refuse({ rule: "value-positive", field: "appraisal.valueCents", message: "a property is worth something" });
    }
    if (!/^[A-Z]{3}$/.test(appraisal.currency)) {
      refuse({ rule: "currency-code", field: "appraisal.currency", message: "a currency has three capital letters" });
    }
    if (appraisal.appraiser.trim() === "") {
      refuse({ rule: "appraiser-given", field: "appraisal.appraiser", message: "somebody must stand for the value" });
    }
    return appraisal;
  },
);
