// An order that depends on a language.
// reaches for String.prototype.localeCompare at language.mjs:11
import { StringValueSchema } from "@bufbuild/protobuf/wkt";
import { defineContract } from "@p8e/contract";

export default defineContract({ className: "test.Reach", scopes: ["test"], participants: ["OWNER"] }).fn(
  "reach",
  { invokedBy: "OWNER", inputs: { note: StringValueSchema }, writes: "answer", as: StringValueSchema },
  ({ inputs }) => {
    const letters = [...`z${inputs.note.value}a`];
    return { value: letters.sort((one, other) => one.localeCompare(other)).join("") };
  },
);
