// Looked up by Reflect.
// reaches for setTimeout at by-reflection.mjs:10
import { StringValueSchema } from "@bufbuild/protobuf/wkt";
import { defineContract } from "@p8e/contract";

export default defineContract({ className: "test.Reach", scopes: ["test"], participants: ["OWNER"] }).fn(
  "reach",
  { invokedBy: "OWNER", inputs: { note: StringValueSchema }, writes: "answer", as: StringValueSchema },
  ({ inputs }) => {
    const wait = Reflect.get(globalThis, `set${"Timeout"}`);
    wait(() => inputs.note.value, 1);
    return { value: "waited" };
  },
);
