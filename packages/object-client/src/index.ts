export type {
  CallOptions,
  GetOptions,
  ObjectClientOptions,
  PutOptions,
  PutReceipt,
  ReceivedObject,
  ReshareReceipt,
} from "./calls.ts";
export type { Mail } from "./mailbox.ts";
export { ObjectClient, openMail } from "./object-client.ts";
export { fileSource, type ObjectSource } from "./source.ts";
export type { MailPace, MailWake, WatchMailOptions } from "./watch-mail.ts";
