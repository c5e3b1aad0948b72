// A package's class.
// reaches for console at log/index.js:5
import { StringValueSchema } from "@bufbuild/protobuf/wkt";
import { defineContract } from "@p8e/contract";
import { Log } from "log";

export default defineContract({ className: "test.Reach", scopes: ["test"], participants: ["OWNER"] }).fn(
  "reach",
  { invokedBy: "OWNER", inputs: { note: StringValueSchema }, writes: "answer", as: StringValueSchema },
  ({ inputs }) => {
    return { value: new Log().write(inputs.note.value) };
  },
);
