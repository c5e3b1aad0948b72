// A package's package.
// reaches for Date at hidden-clock/index.js:5
import { StringValueSchema } from "@bufbuild/protobuf/wkt";
import { defineContract } from "@p8e/contract";
import { stamp } from "stamp";

export default defineContract({ className: "test.Reach", scopes: ["test"], participants: ["OWNER"] }).fn(
  "reach",
  { invokedBy: "OWNER", inputs: { note: StringValueSchema }, writes: "answer", as: StringValueSchema },
  ({ inputs }) => {
    return { value: stamp(inputs.note.value) };
  },
);
