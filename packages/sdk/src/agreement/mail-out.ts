import { type CallOptions, mapAtMost } from "@p8e/core";
import type { PublicKey } from "@p8e/crypto";
import type { PartyParts } from "../parts.ts";
import type { NewMail, OutgoingMail } from "../state/agreement-store.ts";
import { type AgreementWords, decodeWords, encodeWords, mailTypeFor } from "./agreement-mail.ts";

const AT_ONCE = 4;

/** Words as a mail that is to go out. */
export function newMail(
  execution: NewMail["execution"],
  said: AgreementWords,
  readers: readonly PublicKey[],
  sending = 0,
): NewMail {
  return { execution, type: mailTypeFor(said), content: encodeWords(said, sending), readers };
}

/** A mail's content once more, as another sending. */
export function sentAgain(
  { execution, content, readers }: Pick<NewMail, "execution" | "content" | "readers">,
  sending: number,
): NewMail {
  return newMail(execution, decodeWords(content), readers, sending);
}

/**
 * Puts into the party's own store what must go out; the store passes it on. One that was put and not noted is put again,
 * which the store answers from the first.
 * @throws what the store throws; what has not gone out goes out next time
 */
export async function sendOutgoing(
  { state, store, party }: Pick<PartyParts, "state" | "store" | "party">,
  { signal }: Pick<CallOptions, "signal"> = {},
): Promise<number> {
  const waiting = await state.agreements.outgoing();
  const sent: number[] = [];
  const sendOne = async ({ id, type, content, readers }: OutgoingMail, stop: AbortSignal) => {
    const owner = party.encryption.publicKey;
    await store.put(content, { owner, signer: party.signing, audience: readers, mailType: type, signal: stop });
    sent.push(id);
  };
  // What is said of one session goes out in its order.
  const sessions = Map.groupBy(waiting, ({ execution }) => execution).values();
  const sendInOrder = async (mails: readonly OutgoingMail[], stop: AbortSignal) => {
    for (const mail of mails) await sendOne(mail, stop);
  };
  try {
    await mapAtMost(AT_ONCE, sessions, sendInOrder, signal);
  } finally {
    if (sent.length > 0) await state.agreements.noteSent(sent);
  }
  return sent.length;
}
