// A function that is not there, called.
// reaches for fetch at called-at-once.mjs:12
import { StringValueSchema } from "@bufbuild/protobuf/wkt";
import { defineContract } from "@p8e/contract";

const key = (letters) => [...letters].reverse().join("");

export default defineContract({ className: "test.Reach", scopes: ["test"], participants: ["OWNER"] }).fn(
  "reach",
  { invokedBy: "OWNER", inputs: { note: StringValueSchema }, writes: "answer", as: StringValueSchema },
  ({ inputs }) => {
    return { value: String(globalThis[key("hctef")](inputs.note.value)) };
  },
);
