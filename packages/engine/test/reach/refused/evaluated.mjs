// Code in a text.
// reaches for Date at evaluated.mjs:12
import { StringValueSchema } from "@bufbuild/protobuf/wkt";
import { defineContract } from "@p8e/contract";

export default defineContract({ className: "test.Reach", scopes: ["test"], participants: ["OWNER"] }).fn(
  "reach",
  { invokedBy: "OWNER", inputs: { note: StringValueSchema }, writes: "answer", as: StringValueSchema },
  ({ inputs }) => {
    const later = ["Da", "te.now()"].join("");
    // biome-ignore lint/security/noGlobalEval: this is what is tried
    return { value: `${globalThis.eval(later)} ${inputs.note.value}` };
  },
);
