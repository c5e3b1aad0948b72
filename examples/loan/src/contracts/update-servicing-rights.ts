import { defineContract } from "@p8e/contract";
import { ServicingRightsSchema } from "../gen/tech/figure/servicing/v1beta1/servicing_rights_pb.ts";
import { checkServicingRights } from "../rules/servicing-rules.ts";

export { scopeSpecification } from "../scope-specification.ts";

/** Names another servicer for a loan. */
export default defineContract({
  className: "example.loan.UpdateServicingRights",
  scopes: ["example.loan"],
  participants: ["OWNER"],
}).fn(
  "updateServicingRights",
  {
    invokedBy: "OWNER",
    inputs: { servicingRights: ServicingRightsSchema },
    writes: "servicingRights",
    as: ServicingRightsSchema,
  },
  ({ inputs }) => {
    checkServicingRights(inputs.servicingRights);
    return inputs.servicingRights;
  },
);
