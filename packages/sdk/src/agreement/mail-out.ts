import type { CallOptions } from "@p8e/core";
import type { PublicKey } from "@p8e/crypto";
import type { PartyParts } from "../parts.ts";
import type { NewMail } from "../state/agreement-store.ts";
import { type AgreementWords, decodeWords, encodeWords, mailTypeFor } from "./agreement-mail.ts";

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
  let sent = 0;
  for (const { id, type, content, readers } of await state.agreements.outgoing()) {
    const owner = party.encryption.publicKey;
    await store.put(content, { owner, signer: party.signing, audience: readers, mailType: type, signal });
    await state.agreements.noteSent(id);
    sent++;
  }
  return sent;
}
