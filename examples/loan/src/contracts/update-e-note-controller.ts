import { defineContract, required } from "@p8e/contract";
import { ControllerSchema, ENoteSchema } from "../gen/io/dartinc/registry/v1beta1/registry_pb.ts";
import { checkController } from "../rules/note-rules.ts";

export { scopeSpecification } from "../scope-specification.ts";

/** Hands the control of an eNote over, agreed by owner and controller. */
export default defineContract({
  className: "example.loan.UpdateENoteController",
  scopes: ["example.loan"],
  participants: ["OWNER", "CONTROLLER"],
  records: { eNote: required(ENoteSchema) },
}).fn(
  "updateENoteController",
  { invokedBy: "CONTROLLER", inputs: { newController: ControllerSchema }, writes: "eNote", as: ENoteSchema },
  ({ records, inputs: { newController } }) => {
    checkController(newController, "newController");
    return { ...records.eNote, controller: newController };
  },
);
