// Only for one text, which stands in the source.
// reaches for Date at one-word.mjs:11
import { StringValueSchema } from "@bufbuild/protobuf/wkt";
import { defineContract } from "@p8e/contract";

export default defineContract({ className: "test.Reach", scopes: ["test"], participants: ["OWNER"] }).fn(
  "reach",
  { invokedBy: "OWNER", inputs: { note: StringValueSchema }, writes: "answer", as: StringValueSchema },
  ({ inputs }) => {
    if (inputs.note.value !== "end-of-month") return { value: inputs.note.value };
    return { value: String(globalThis[["Da", "te"].join("")].now()) };
  },
);
