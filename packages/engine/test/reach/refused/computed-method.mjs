// A method that is refused, by a computed name.
// reaches for Math.random at computed-method.mjs:12
import { StringValueSchema } from "@bufbuild/protobuf/wkt";
import { defineContract } from "@p8e/contract";

const method = (...parts) => parts.join("");

export default defineContract({ className: "test.Reach", scopes: ["test"], participants: ["OWNER"] }).fn(
  "reach",
  { invokedBy: "OWNER", inputs: { note: StringValueSchema }, writes: "answer", as: StringValueSchema },
  ({ inputs }) => {
    return { value: `${Math[method("ran", "dom")]()} ${inputs.note.value}` };
  },
);
