export type {
  CallOptions,
  GetOptions,
  GetToFileOptions,
  ObjectClientOptions,
  PutOptions,
  PutReceipt,
  ReceivedObject,
  ReshareReceipt,
} from "./calls.ts";
export { claimedSender } from "./claimed-sender.ts";
export { describeStored, type StoredDescription } from "./describe-stored.ts";
export type { Mail, MailSelection } from "./mailbox.ts";
export { ObjectClient, openMail } from "./object-client.ts";
export { fileSource, type ObjectSource } from "./source.ts";
export { verifyStored } from "./verify-stored.ts";
export type { MailPace, MailWake, WatchMailOptions } from "./watch-mail.ts";
