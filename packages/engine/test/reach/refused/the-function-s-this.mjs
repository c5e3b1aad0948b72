// The global object as a sloppy function's this.
// reaches for console at the-function-s-this.mjs:11
import { StringValueSchema } from "@bufbuild/protobuf/wkt";
import { defineContract } from "@p8e/contract";

export default defineContract({ className: "test.Reach", scopes: ["test"], participants: ["OWNER"] }).fn(
  "reach",
  { invokedBy: "OWNER", inputs: { note: StringValueSchema }, writes: "answer", as: StringValueSchema },
  ({ inputs }) => {
    const root = Function("return this")();
    root[["con", "sole"].join("")].log(inputs.note.value);
    return { value: "logged" };
  },
);
