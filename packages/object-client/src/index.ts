export type { Mail } from "./mailbox.ts";
export {
  type CallOptions,
  type GetOptions,
  ObjectClient,
  type ObjectClientOptions,
  openMail,
  type PutOptions,
  type PutReceipt,
  type ReceivedObject,
} from "./object-client.ts";
export { fileSource, type ObjectSource } from "./source.ts";
