// What ours writes for the SDK to read: a record of the same name and class as NoteContract.java writes.
import { StringValueSchema } from "@bufbuild/protobuf/wkt";
import { defineContract, defineScopeSpecification } from "@p8e/contract";

export const notes = defineScopeSpecification({
  name: "p8e.interop.our.note",
  description: "A note by our contract",
  parties: ["OWNER"],
});

export default defineContract({
  className: "p8e.interop.OurNoteContract",
  scopes: [notes.name],
  participants: ["OWNER"],
}).fn(
  "recordNote",
  { invokedBy: "OWNER", inputs: { text: StringValueSchema }, writes: "note", as: StringValueSchema },
  ({ inputs }) => ({ value: `noted by ours: ${inputs.text.value}` }),
);
