// A property of the global object.
// reaches for process at global-property.mjs:10
import { StringValueSchema } from "@bufbuild/protobuf/wkt";
import { defineContract } from "@p8e/contract";

export default defineContract({ className: "test.Reach", scopes: ["test"], participants: ["OWNER"] }).fn(
  "reach",
  { invokedBy: "OWNER", inputs: { note: StringValueSchema }, writes: "answer", as: StringValueSchema },
  ({ inputs }) => {
    const mode = globalThis.process.env.MODE;
    return { value: `${mode} ${inputs.note.value}` };
  },
);
