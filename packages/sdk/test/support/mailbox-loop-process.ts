// A process that takes mail in until it is killed: for mailbox-loop-killed.slow.test.ts.
import process from "node:process";
import { hexDecode, networks, systemClock } from "@p8e/core";
import { localKey, privateKeyFromProto } from "@p8e/crypto";
import { ObjectClient } from "@p8e/object-client";
import { mailboxLoop } from "@p8e/sdk";
import { TextMail } from "./text-mail.ts";

const { url, path, keyHex, partner, failing } = JSON.parse(process.argv[2]!) as {
  readonly url: string;
  readonly path: string;
  readonly keyHex: string;
  readonly partner: string;
  readonly failing: boolean;
};
const key = localKey(privateKeyFromProto(hexDecode(keyHex)));
const handler = new TextMail(path, key, [partner]);
if (failing) handler.failing.add("b");
const store = new ObjectClient({ url, patienceMs: 1000 });
const prefix = networks.local.accountPrefix;
const pace = { soonestMs: 10, latestMs: 50 };
const parts = { store, key, prefix, handler, quarantine: handler.quarantine, clock: systemClock, pace };
process.send?.("ready");
for await (const _ of mailboxLoop(parts)) process.send?.("news");
