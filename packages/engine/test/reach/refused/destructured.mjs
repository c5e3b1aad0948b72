// Taken out of the global object under its own name.
// reaches for performance at destructured.mjs:11
import { StringValueSchema } from "@bufbuild/protobuf/wkt";
import { defineContract } from "@p8e/contract";

export default defineContract({ className: "test.Reach", scopes: ["test"], participants: ["OWNER"] }).fn(
  "reach",
  { invokedBy: "OWNER", inputs: { note: StringValueSchema }, writes: "answer", as: StringValueSchema },
  ({ inputs }) => {
    const { performance } = globalThis;
    return { value: `${performance.now()} ${inputs.note.value}` };
  },
);
