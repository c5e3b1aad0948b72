import { defineContract, required } from "@p8e/contract";
import { ENoteSchema } from "../gen/io/dartinc/registry/v1beta1/registry_pb.ts";
import { DocumentMetadataSchema } from "../gen/tech/figure/util/v1beta1/document_pb.ts";
import { withNoteDocument } from "../rules/note-rules.ts";

export { scopeSpecification } from "../scope-specification.ts";

/** Puts another document in the place of an eNote's, agreed by owner and controller. */
export default defineContract({
  className: "example.loan.UpdateENote",
  scopes: ["example.loan"],
  participants: ["OWNER", "CONTROLLER"],
  records: { eNote: required(ENoteSchema) },
}).fn(
  "updateENote",
  { invokedBy: "OWNER", inputs: { newENote: DocumentMetadataSchema }, writes: "eNote", as: ENoteSchema },
  ({ records, inputs }) => withNoteDocument(records.eNote, inputs.newENote, "newENote"),
);
