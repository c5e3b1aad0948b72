// A function made of a text.
// reaches for crypto at made-function.mjs:10
import { StringValueSchema } from "@bufbuild/protobuf/wkt";
import { defineContract } from "@p8e/contract";

export default defineContract({ className: "test.Reach", scopes: ["test"], participants: ["OWNER"] }).fn(
  "reach",
  { invokedBy: "OWNER", inputs: { note: StringValueSchema }, writes: "answer", as: StringValueSchema },
  ({ inputs }) => {
    const make = Function("return crypto.randomUUID()");
    return { value: `${make()} ${inputs.note.value}` };
  },
);
