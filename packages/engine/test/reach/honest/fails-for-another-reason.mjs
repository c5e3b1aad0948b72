// Asks what it runs in, and fails where a value is missing: that is told, and no reach.
import { StringValueSchema } from "@bufbuild/protobuf/wkt";
import { defineContract } from "@p8e/contract";

export default defineContract({ className: "test.Reach", scopes: ["test"], participants: ["OWNER"] }).fn(
  "reach",
  { invokedBy: "OWNER", inputs: { note: StringValueSchema }, writes: "answer", as: StringValueSchema },
  ({ inputs }) => {
    const { console } = globalThis;
    if (console) console.log(inputs.note.value);
    const [, second] = inputs.note.value.split(" ");
    return { value: second.trim() };
  },
);
