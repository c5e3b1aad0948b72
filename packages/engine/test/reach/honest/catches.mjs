// A package that does without.
import { StringValueSchema } from "@bufbuild/protobuf/wkt";
import { defineContract } from "@p8e/contract";
import { id } from "careful";

export default defineContract({ className: "test.Reach", scopes: ["test"], participants: ["OWNER"] }).fn(
  "reach",
  { invokedBy: "OWNER", inputs: { note: StringValueSchema }, writes: "answer", as: StringValueSchema },
  ({ inputs }) => {
    try {
      return { value: id(globalThis[["Da", "te"].join("")].now()) };
    } catch {
      return { value: id(inputs.note.value) };
    }
  },
);
