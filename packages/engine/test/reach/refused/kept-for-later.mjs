// Looked up in one place and used in another.
// reaches for Buffer at kept-for-later.mjs:12
import { StringValueSchema } from "@bufbuild/protobuf/wkt";
import { defineContract } from "@p8e/contract";

const bytesOf = globalThis["Buf".concat("fer")];

export default defineContract({ className: "test.Reach", scopes: ["test"], participants: ["OWNER"] }).fn(
  "reach",
  { invokedBy: "OWNER", inputs: { note: StringValueSchema }, writes: "answer", as: StringValueSchema },
  ({ inputs }) => {
    return { value: bytesOf.from(inputs.note.value).toString("hex") };
  },
);
