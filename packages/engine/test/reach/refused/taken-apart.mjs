// What is not there, taken apart.
// reaches for crypto at taken-apart.mjs:10
import { StringValueSchema } from "@bufbuild/protobuf/wkt";
import { defineContract } from "@p8e/contract";

const root = globalThis;

export default defineContract({ className: "test.Reach", scopes: ["test"], participants: ["OWNER"] }).fn(
  "reach",
  { invokedBy: "OWNER", inputs: { note: StringValueSchema }, writes: "answer", as: StringValueSchema },
  ({ inputs }) => {
    const { randomUUID } = root[`cry${"pto"}`];
    return { value: `${randomUUID()} ${inputs.note.value}` };
  },
);
