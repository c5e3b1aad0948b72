// Has a table with such names of its own.
import { StringValueSchema } from "@bufbuild/protobuf/wkt";
import { defineContract } from "@p8e/contract";

const table = { Date: { now: () => 1 }, fetch: () => "fetched" };
const key = (...parts) => parts.join("");

export default defineContract({ className: "test.Reach", scopes: ["test"], participants: ["OWNER"] }).fn(
  "reach",
  { invokedBy: "OWNER", inputs: { note: StringValueSchema }, writes: "answer", as: StringValueSchema },
  ({ inputs }) => {
    return { value: `${table[key("Da", "te")].now()} ${table[key("fet", "ch")]()} ${inputs.note.value}` };
  },
);
