// What two of ours agree on for the SDK to read: the record of note.ts, in a session that both sign.
import { StringValueSchema } from "@bufbuild/protobuf/wkt";
import { defineContract, defineScopeSpecification } from "@p8e/contract";

export const agreedNotes = defineScopeSpecification({
  name: "p8e.interop.agreed.note",
  description: "A note that two parties sign",
  parties: ["OWNER", "SERVICER"],
});

export default defineContract({
  className: "p8e.interop.AgreedNoteContract",
  scopes: [agreedNotes.name],
  participants: ["OWNER", "SERVICER"],
}).fn(
  "recordNote",
  { invokedBy: "OWNER", inputs: { text: StringValueSchema }, writes: "note", as: StringValueSchema },
  ({ inputs }) => ({ value: `agreed by ours: ${inputs.text.value}` }),
);
