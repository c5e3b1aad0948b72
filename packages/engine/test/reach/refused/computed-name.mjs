// A name that is put together while it runs.
// reaches for Date at computed-name.mjs:12
import { StringValueSchema } from "@bufbuild/protobuf/wkt";
import { defineContract } from "@p8e/contract";

const clock = (parts) => globalThis[parts.join("")];

export default defineContract({ className: "test.Reach", scopes: ["test"], participants: ["OWNER"] }).fn(
  "reach",
  { invokedBy: "OWNER", inputs: { note: StringValueSchema }, writes: "answer", as: StringValueSchema },
  ({ inputs }) => {
    const now = clock(["Da", "te"]).now();
    return { value: `${now} ${inputs.note.value}` };
  },
);
