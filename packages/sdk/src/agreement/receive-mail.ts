import { type AccountAddress, type CallOptions, equalBytes, P8eError, parseUuid, type Uuid } from "@p8e/core";
import { accountAddress, type PublicKey, parsePublicKey, publicKeyFromMessage } from "@p8e/crypto";
import { type Mail, openMail } from "@p8e/object-client";
import * as wire from "@p8e/proto/agreement";
import { foreignText } from "../foreign-text.ts";
import type { PartyParts } from "../parts.ts";
import type { AgreementCommit, ApprovalChange } from "../state/agreement-store.ts";
import { isFinal } from "../state/execution.ts";
import { type Agreement, type AgreementEvent, stepOf } from "./agreement.ts";
import { mergedEnvelope } from "./agreement-evidence.ts";
import { decodeWords, readSignedMail, requestHash, requestOf, type SignedMail } from "./agreement-mail.ts";
import { type Approval, type ApprovalState, isApprovalOver } from "./approval.ts";
import { checkReply, executionOfReply } from "./check-reply.ts";
import { endMail } from "./end-mail.ts";
import { askedByJvm, executionOfJvm, isForeignMail, isSameJvmRequest, readJvmRequest } from "./jvm-request.ts";
import { neededSignatures } from "./needed-signatures.ts";
import { differs, readSignedEnvelope } from "./request-envelope.ts";

/** What a mail has brought about. It is durable by then. */
export type MailEffect =
  /** Another party asks for this party's signature. */
  | { readonly kind: "asked"; readonly execution: Uuid; readonly by: AccountAddress }
  /** A party of the JVM's SDK asks for this party's signature, which it cannot give: it can be refused. */
  | { readonly kind: "asked-by-jvm"; readonly execution: Uuid; readonly by: AccountAddress }
  /** A party has signed; `complete` when it was the last. */
  | { readonly kind: "signed"; readonly execution: Uuid; readonly by: AccountAddress; readonly complete: boolean }
  /** A party does not sign. */
  | { readonly kind: "refused"; readonly execution: Uuid; readonly by: AccountAddress; readonly reason: string }
  /** A party takes its signature back while the transaction is on its way; what becomes of it everybody is told. */
  | { readonly kind: "crossed"; readonly execution: Uuid; readonly by: AccountAddress; readonly reason: string }
  /** The invoker tells how it ended. */
  | {
      readonly kind: "ended";
      readonly execution: Uuid;
      readonly by: AccountAddress;
      readonly outcome: ApprovalState;
      readonly reason: string;
    }
  /** It says nothing new, or comes after the end. */
  | { readonly kind: "nothing"; readonly execution: Uuid | undefined; readonly why: "repeated" | "late" };

type Parts = Pick<PartyParts, "party" | "state" | "directory" | "network" | "nowMs">;

/** Longer than this nobody's reason is kept. */
const REASON_MAX = 1000;

/**
 * Takes a mail in: opens it, checks all that can be checked without a ledger or a store, and makes its effect durable in
 * one transaction with the mail's id. After that it may be acknowledged; a mail that was taken in before does nothing.
 * What an effect makes due ({@link settle}) is done afterwards, by whoever comes to it first.
 *
 * @throws P8eError when the mail can have no effect, now or later: it is malformed, from somebody who has no say in it, of
 *   an unknown session, or does not say the truth. Nothing was changed then. `state.conflict` alone is worth another try
 */
export async function receiveMail(
  parts: Parts,
  mail: Mail,
  options: Pick<CallOptions, "signal"> = {},
): Promise<MailEffect> {
  const { agreements } = parts.state;
  if (await agreements.wasReceived(mail.uuid)) return { kind: "nothing", execution: undefined, why: "repeated" };
  options.signal?.throwIfAborted();
  const { plaintext: content, signer, signature, mailType } = await openMail(mail, parts.party.encryption);
  const signed: SignedMail = { content, signature, signer };
  const by = accountAddress(signer, parts.network.accountPrefix);
  if (mailType === "FRAGMENT_REQUEST" && isForeignMail(content)) {
    return receiveJvmRequest({ parts, uuid: mail.uuid, signed, by });
  }
  const said = decodeWords(content);
  const received = { parts, uuid: mail.uuid, signed, by };
  switch (said.case) {
    case "request":
      return receiveRequest(received, said.value);
    case "reply":
      return receiveReply(received, said.value);
    case "refusal":
      return receiveRefusal(received, said.value);
    case "end":
      return receiveEnd(received, said.value);
  }
}

interface Received {
  readonly parts: Parts;
  readonly uuid: Uuid;
  readonly signed: SignedMail;
  /** Whose signing key the mail is signed with. */
  readonly by: AccountAddress;
}

async function receiveRequest(received: Received, request: wire.AgreementRequest): Promise<MailEffect> {
  const { parts, uuid: mail, signed, by } = received;
  const { network, party, directory, nowMs } = parts;
  await requirePartner(directory, by);
  requireNetwork(request.chainId, parts);
  const envelope = readSignedEnvelope(request.envelope);
  const invoker = publicKeyFromMessage(envelope.contract.invoker!.signingPublicKey!);
  if (!invoker.equals(signed.signer) || !envelope.signer.equals(signed.signer)) {
    throw foreign("the request was not sent and signed by the contract's invoker", signed.signer);
  }
  const needed = neededSignatures(envelope.envelope, network.accountPrefix).map(({ address }) => address);
  const asked = request.signers.map(({ signingKey }) =>
    accountAddress(parsePublicKey(signingKey), network.accountPrefix),
  );
  if (asked[0] !== by || [...asked].sort().join() !== [...new Set([...needed, by])].sort().join()) {
    throw differs("signers", "the request", { expected: needed.join(), found: asked.join() });
  }
  const own = request.signers.find(({ signingKey }) => equalBytes(signingKey, party.signing.publicKey.uncompressed));
  if (own === undefined || by === accountAddress(party.signing.publicKey, network.accountPrefix)) {
    throw foreign("a request came that does not ask for this party's signature", signed.signer);
  }
  const { executionUuid: execution, deadlineMs } = envelope;
  const known = await parts.state.agreements.approval(execution);
  if (known !== undefined) {
    if (!equalBytes(requestHashOf(known), requestHash(request))) throw differs("request", "a second request", {});
    return finish(parts, { received: mail }, { kind: "nothing", execution, why: "repeated" });
  }
  // What is shown and refused under an execution's id is what is signed under it.
  if ((await parts.state.agreements.jvmRequest(execution)) !== undefined)
    throw differs("request", "a second request", {});
  if (deadlineMs <= nowMs()) {
    throw new P8eError("session.expired", "a request came after its deadline", { facts: { execution } });
  }
  const contract = envelope.contract.definition?.resourceLocation?.classname ?? "";
  return finish(
    parts,
    {
      received: mail,
      request: {
        ...{ uuid: execution, invoker: by, contract, deadlineMs, request: signed },
        ...{ scopeUuid: envelope.scopeUuid, sessionUuid: envelope.sessionUuid },
      },
    },
    { kind: "asked", execution, by },
  );
}

async function receiveJvmRequest({ parts, uuid: mail, signed, by }: Received): Promise<MailEffect> {
  const { network, party, directory, state } = parts;
  await requirePartner(directory, by);
  const envelope = readJvmRequest(signed.content);
  if (!publicKeyFromMessage(envelope.contract!.invoker!.signingPublicKey!).equals(signed.signer)) {
    throw foreign("the request was not sent by the contract's invoker", signed.signer);
  }
  if (envelope.mainNet !== network.mainNet) throw differs("network", "the request", {});
  const own = accountAddress(party.signing.publicKey, network.accountPrefix);
  if (by === own || !askedByJvm(envelope, network.accountPrefix).includes(own)) {
    throw foreign("a request came that does not ask for this party's signature", signed.signer);
  }
  const execution = executionOfJvm(envelope);
  const { agreements } = state;
  const known = await agreements.jvmRequest(execution);
  if (known !== undefined) {
    if (!isSameJvmRequest(known, signed.content)) throw differs("request", "a second request", {});
    return finish(parts, { received: mail }, { kind: "nothing", execution, why: "repeated" });
  }
  const taken = (await agreements.approval(execution)) ?? (await agreements.agreement(execution));
  if (taken !== undefined) throw differs("request", "a second request", {});
  const jvmRequest = { uuid: execution, invoker: by, request: signed };
  return finish(parts, { received: mail, jvmRequest }, { kind: "asked-by-jvm", execution, by });
}

async function requirePartner(directory: Parts["directory"], address: AccountAddress): Promise<void> {
  if ((await directory.find(address)) !== undefined) return;
  throw new P8eError("key.unavailable", "a request came from somebody who is no partner", {
    facts: { address },
    hint: "Add the party first if its requests are to be looked at.",
  });
}

async function receiveReply(received: Received, reply: wire.AgreementReply): Promise<MailEffect> {
  const { parts, by, signed } = received;
  const agreement = await requireAgreement(parts, executionOfReply(reply));
  requireAsked(agreement, signed.signer);
  checkReply(requestOf(agreement.request), reply, signed.signer);
  return moveAgreement(received, agreement, { kind: "signed", by, mail: signed });
}

async function receiveRefusal(received: Received, refusal: wire.AgreementRefusal): Promise<MailEffect> {
  const { parts, by, signed } = received;
  const { agreements } = parts.state;
  requireNetwork(refusal.chainId, parts);
  const execution = parseUuid(refusal.executionUuid);
  const reason = reasonText(refusal.reason);
  const approval = await agreements.approval(execution);
  if (approval === undefined) {
    const agreement = await requireAgreement(parts, execution);
    requireAsked(agreement, signed.signer);
    requireRequest(refusal.requestHash, requestOf(agreement.request));
    return moveAgreement(received, agreement, { kind: "refused", by, reason, mail: signed });
  }
  const request = requestOf(approval.request);
  requireRequest(refusal.requestHash, request);
  requireSigner(request, signed.signer);
  return endApproval(received, approval, { to: "rejected", reason, cause: "refused" }, { kind: "refused", by, reason });
}

async function receiveEnd(received: Received, end: wire.AgreementEnd): Promise<MailEffect> {
  const { parts, by, signed } = received;
  requireNetwork(end.chainId, parts);
  const execution = parseUuid(end.executionUuid);
  const approval = await parts.state.agreements.approval(execution);
  if (approval === undefined) throw unknown(execution);
  const request = requestOf(approval.request);
  requireRequest(end.requestHash, request);
  if (!approval.request.signer.equals(signed.signer)) {
    throw foreign("the end of a session was told by somebody else than its invoker", signed.signer);
  }
  const outcome = outcomeOf(end.outcome);
  const [actor, reason] = end.refusal === undefined ? [by, reasonText(end.reason)] : refuserOf(parts, request, end);
  const cause = outcome === "committed" ? end.transactionHash.slice(0, 64) : "told by the invoker";
  const change = { to: outcome, cause, ...(outcome === "committed" ? {} : { reason }) };
  return endApproval({ ...received, by: actor }, approval, change, { kind: "ended", by, outcome, reason });
}

/** Who refused, in words that are his own. */
function refuserOf({ network }: Parts, request: wire.AgreementRequest, end: wire.AgreementEnd) {
  const { said, signer } = readSignedMail(end.refusal);
  if (said.case !== "refusal" || said.value.executionUuid !== end.executionUuid) {
    throw differs("refusal", "the end of a session", {});
  }
  requireRequest(said.value.requestHash, request);
  requireSigner(request, signer);
  return [accountAddress(signer, network.accountPrefix), reasonText(said.value.reason)] as const;
}

async function moveAgreement(
  { parts, uuid: received, by }: Received,
  agreement: Agreement,
  event: AgreementEvent & { readonly kind: "signed" | "refused" },
): Promise<MailEffect> {
  const { uuid: execution, revision, state: from } = agreement;
  const step = stepOf(agreement, event);
  if (step.kind === "stranger") throw foreign("a mail came from somebody who was not asked", event.mail.signer);
  if (step.kind === "late" && from === "broadcasting" && event.kind === "refused") {
    // Nobody can call it back: the refusal is remembered, and the outcome told to all when it is known.
    const { reason } = event;
    const cause = `refused while it was on its way to the ledger: ${reason}`;
    const change = { uuid: execution, revision, from, to: from, signers: agreement.signers, actor: by, cause };
    return finish(parts, { received, agreement: change }, { kind: "crossed", execution, by, reason });
  }
  if (step.kind !== "moved") {
    // Whoever answers after the end may not have heard of it.
    const to = agreement.signers.find(({ address }) => address === by)!;
    const outgoing = isFinal(from) ? [endMail(agreement, parts.network, [to.encryptionKey], agreement.revision)] : [];
    return finish(parts, { received, outgoing }, { kind: "nothing", execution, why: step.kind });
  }
  const { to, signers, actor, cause, reason } = step;
  const complete = to === "signed";
  const envelope = complete ? mergedEnvelope({ ...agreement, signers }) : undefined;
  const change = { uuid: execution, revision, from, to, signers, envelope, actor, cause, reason };
  const effect: MailEffect =
    event.kind === "signed"
      ? { kind: "signed", execution, by, complete }
      : { kind: "refused", execution, by, reason: event.reason };
  return finish(parts, { received, agreement: change }, effect);
}

async function endApproval(
  { parts, uuid: received, by }: Received,
  { uuid, revision, state: from }: Approval,
  change: Pick<ApprovalChange, "to" | "cause" | "reason">,
  effect: DistributiveOmit<MailEffect & { kind: "refused" | "ended" }, "execution">,
): Promise<MailEffect> {
  if (isApprovalOver(from)) {
    // It may have been on its way when this party gave it up: the ledger is asked, and left without a grant (`settle`).
    const cause = "its invoker says that it is on the ledger";
    const look = { uuid, revision, from, to: from, actor: by, granted: true, cause } as const;
    const crossed = change.to === "committed" && from !== "committed";
    const nothing = { kind: "nothing", execution: uuid, why: "late" } as const;
    return finish(parts, { received, ...(crossed ? { approval: look } : {}) }, nothing);
  }
  const approval = { uuid, revision, from, actor: by, ...change };
  return finish(parts, { received, approval }, { ...effect, execution: uuid });
}

type DistributiveOmit<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never;

async function finish({ state }: Parts, commit: AgreementCommit, effect: MailEffect): Promise<MailEffect> {
  const fresh = await state.agreements.commit(commit);
  return fresh ? effect : { kind: "nothing", execution: effect.execution, why: "repeated" };
}

async function requireAgreement({ state }: Parts, uuid: Uuid): Promise<Agreement> {
  const agreement = await state.agreements.agreement(uuid);
  if (agreement === undefined) throw unknown(uuid);
  return agreement;
}

function requestHashOf({ request }: Approval): Uint8Array {
  return requestHash(requestOf(request));
}

function requireRequest(hash: Uint8Array, request: wire.AgreementRequest): void {
  if (!equalBytes(hash, requestHash(request))) throw differs("request", "the mail", {});
}

function requireNetwork(found: string, { network }: Parts): void {
  if (found === network.chainId) return;
  throw differs("network", "the mail", { expected: network.chainId, found: found.slice(0, 64) });
}

function requireAsked({ signers }: Agreement, sender: PublicKey): void {
  if (signers.some(({ signingKey }) => signingKey.equals(sender))) return;
  throw foreign("a mail came from somebody who was not asked", sender);
}

function requireSigner({ signers }: wire.AgreementRequest, sender: PublicKey): void {
  if (signers.some(({ signingKey }) => equalBytes(signingKey, sender.uncompressed))) return;
  throw foreign("a mail came from somebody who was not asked", sender);
}

function foreign(message: string, sender: PublicKey): P8eError {
  return new P8eError("session.foreign_signer", message, { facts: { publicKey: sender.base64 } });
}

function unknown(execution: Uuid): P8eError {
  return new P8eError("session.not_found", "a mail speaks of a session that this party does not know", {
    facts: { execution },
  });
}

function outcomeOf(outcome: wire.AgreementEnd_Outcome): ApprovalState {
  const { COMMITTED, REJECTED, EXPIRED, CANCELLED, FAILED } = wire.AgreementEnd_Outcome;
  switch (outcome) {
    case COMMITTED:
      return "committed";
    case REJECTED:
      return "rejected";
    case EXPIRED:
      return "expired";
    case CANCELLED:
      return "cancelled";
    case FAILED:
      return "failed";
    default:
      throw new P8eError("envelope.malformed", "the mail tells of an end that there is not");
  }
}

/** A reason as it is kept and shown, whoever gave it: one line, of so many characters at most. */
export function reasonText(text: string): string {
  return foreignText(text, REASON_MAX);
}
