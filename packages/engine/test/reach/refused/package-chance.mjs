// A package's chance.
// reaches for Math.random at shuffle/index.js:5
import { StringValueSchema } from "@bufbuild/protobuf/wkt";
import { defineContract } from "@p8e/contract";
import { shuffle } from "shuffle";

export default defineContract({ className: "test.Reach", scopes: ["test"], participants: ["OWNER"] }).fn(
  "reach",
  { invokedBy: "OWNER", inputs: { note: StringValueSchema }, writes: "answer", as: StringValueSchema },
  ({ inputs }) => {
    return { value: shuffle(["a", "b", inputs.note.value]).join("") };
  },
);
