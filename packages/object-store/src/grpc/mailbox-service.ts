import { isP8eError, P8eError, parseUuid, type Uuid } from "@p8e/core";
import * as objectStore from "@p8e/proto/object-store";
import { type Route, RpcStatusError, service } from "@p8e/rpc";
import { type KeyText, keyText } from "../domain/audience.ts";
import type { CallFacts } from "../domain/call-facts.ts";
import { acknowledgeMail, type MailPayload, mailPayloads, type OpenMail, openMail } from "../mailbox/mail-rows.ts";
import { memorySource, readChunks } from "../storage/read-chunks.ts";
import { factsOf, refuseInMaintenance, requireKey, type StoreContext } from "./store-context.ts";

/** One Get hands out this many at most, however many are asked for; the rest comes with the next. */
const MAIL_COUNT_MAX = 10_000;
/** Payloads are fetched in groups of about this many bytes. */
const GROUP_BYTES = 2 * 1024 * 1024;
const GROUP_COUNT_MAX = 100;

/** The mail that waits for a key, and its acknowledgement. */
export function mailboxService(store: StoreContext): readonly Route[] {
  return service(objectStore.MailboxService, {
    async get(request, call) {
      const key = keyText(request.publicKey);
      const facts = factsOf(call);
      facts.key = key;
      facts.mails = 0;
      requireKey(store, key, call, "fetch on its own instance");
      if (request.maxResults < 0) throw new P8eError("input.invalid", "max_results must not be negative");
      return deliver(store, key, Math.min(request.maxResults, MAIL_COUNT_MAX), facts);
    },

    async ack(request, call) {
      const facts = factsOf(call);
      refuseInMaintenance(store);
      if (request.uuid === undefined) throw new P8eError("input.invalid", "must specify uuid");
      const uuid = mailUuid(request.uuid.value);
      facts.uuid = uuid;
      const key = request.publicKey.length > 0 ? keyText(request.publicKey) : undefined;
      if (key !== undefined) {
        facts.key = key;
        requireKey(store, key, call, "ack on its own instance");
      } else if (store.configuration.userAuthEnabled) {
        throw new P8eError("rpc.denied", "auth is enabled, but a public_key wasn't sent");
      }
      await acknowledgeMail(store.database, uuid, key);
      return {};
    },
  });
}

function mailUuid(text: string): Uuid {
  try {
    return parseUuid(text);
  } catch (cause) {
    if (!isP8eError(cause)) throw cause;
    throw new RpcStatusError("INVALID_ARGUMENT", "UuidError(not a UUID)", { code: cause.code, cause });
  }
}

/** Nothing is marked or locked: mail is handed out until it is acknowledged. */
async function* deliver(store: StoreContext, key: KeyText, limit: number, facts: CallFacts) {
  if (limit === 0) return;
  const mails = await openMail(store.database, key, limit);
  for (const group of groupsOf(mails)) {
    const payloads = await mailPayloads(
      store.database,
      group.map((mail) => mail.objectUuid),
    );
    for (const mail of group) {
      const data = await checked(payloads.get(mail.objectUuid)).catch((error: unknown) => {
        store.suspect(mail.objectUuid, error);
        throw error;
      });
      yield { uuid: { value: mail.uuid }, data };
      facts.mails = (facts.mails ?? 0) + 1;
      facts.sentBytes += data.length;
    }
  }
}

function* groupsOf(mails: readonly OpenMail[]): Generator<readonly OpenMail[], void> {
  let group: OpenMail[] = [];
  let bytes = 0;
  for (const mail of mails) {
    bytes += mail.payloadBytes ?? 0;
    if (group.length > 0 && (bytes > GROUP_BYTES || group.length >= GROUP_COUNT_MAX)) {
      yield group;
      group = [];
      bytes = mail.payloadBytes ?? 0;
    }
    group.push(mail);
  }
  if (group.length > 0) yield group;
}

async function checked(payload: MailPayload | undefined): Promise<Uint8Array> {
  if (!payload) throw new P8eError("store.database", "mailbox object without a payload");
  if (payload.integrity) {
    for await (const _ of readChunks(memorySource(payload.bytes), payload.integrity));
  }
  return payload.bytes;
}
