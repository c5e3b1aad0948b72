// Uses what is there, and asks whether it is.
import { StringValueSchema } from "@bufbuild/protobuf/wkt";
import { defineContract } from "@p8e/contract";

const random = globalThis.crypto?.randomUUID;
const mode = globalThis.process ? globalThis.process.env.MODE : "none";

export default defineContract({ className: "test.Reach", scopes: ["test"], participants: ["OWNER"] }).fn(
  "reach",
  { invokedBy: "OWNER", inputs: { note: StringValueSchema }, writes: "answer", as: StringValueSchema },
  ({ inputs }) => {
    const now = globalThis.Date?.now?.() ?? 7;
    return { value: `${random?.() ?? mode} ${now} ${inputs.note.value}` };
  },
);
