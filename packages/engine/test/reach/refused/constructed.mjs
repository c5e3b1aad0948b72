// A class that is not there, constructed.
// reaches for WebSocket at constructed.mjs:12
import { StringValueSchema } from "@bufbuild/protobuf/wkt";
import { defineContract } from "@p8e/contract";

const names = { socket: "WebSocket" };

export default defineContract({ className: "test.Reach", scopes: ["test"], participants: ["OWNER"] }).fn(
  "reach",
  { invokedBy: "OWNER", inputs: { note: StringValueSchema }, writes: "answer", as: StringValueSchema },
  ({ inputs }) => {
    const socket = new globalThis[names.socket](inputs.note.value);
    return { value: String(socket) };
  },
);
