import { type AccountAddress, parseUuid } from "@p8e/core";
import { accountAddress, parsePublicKey } from "@p8e/crypto";
import { type Mail, openMail } from "@p8e/object-client";
import type { MailHandler } from "../mailbox-loop/mailbox-loop.ts";
import type { PartyParts } from "../parts.ts";
import { type AgreementWords, decodeWords, requestOf } from "./agreement-mail.ts";
import { openApprovalStates } from "./approval.ts";
import { executionOfReply } from "./check-reply.ts";
import { executionOfJvm, isForeignMail, readJvmRequest } from "./jvm-request.ts";
import { type MailEffect, receiveMail } from "./receive-mail.ts";
import { readSignedEnvelope } from "./request-envelope.ts";

/** Sessions may begin and end meanwhile; a stranger's letters must not have them looked through for each. */
const PARTIES_MS = 1000;

/** Mail of sessions that several parties sign, as the mailbox loop takes it in. */
export function agreementMailHandler(parts: PartyParts): MailHandler<MailEffect> {
  let known: { readonly untilMs: number; readonly parties: ReadonlySet<string> } | undefined;
  return {
    async mayWrite(sender) {
      if ((await parts.directory.find(sender)) !== undefined) return true;
      const now = parts.nowMs();
      if (known === undefined || known.untilMs <= now) {
        known = { untilMs: now + PARTIES_MS, parties: await partiesOfSessions(parts) };
      }
      return known.parties.has(sender);
    },
    async threadOf(mail: Mail) {
      const { plaintext, mailType } = await openMail(mail, parts.party.encryption);
      if (mailType === "FRAGMENT_REQUEST" && isForeignMail(plaintext)) return executionOfJvm(readJvmRequest(plaintext));
      return executionOf(decodeWords(plaintext));
    },
    receive: (mail, options) => receiveMail(parts, mail, options),
  };
}

/** Whoever has a part in a session that is not over, partner or not: those who sign another's session may not know each other. */
async function partiesOfSessions({ state, network }: PartyParts): Promise<ReadonlySet<AccountAddress>> {
  const { agreements } = state;
  const parties = new Set<AccountAddress>();
  for (const { signers } of await agreements.openAgreements()) for (const { address } of signers) parties.add(address);
  for (const { request } of await agreements.approvals(openApprovalStates)) {
    for (const { signingKey } of requestOf(request).signers) {
      parties.add(accountAddress(parsePublicKey(signingKey), network.accountPrefix));
    }
  }
  return parties;
}

function executionOf(said: AgreementWords): string {
  switch (said.case) {
    case "request":
      return readSignedEnvelope(said.value.envelope).executionUuid;
    case "reply":
      return executionOfReply(said.value);
    default:
      return parseUuid(said.value.executionUuid);
  }
}
