import { clone, create } from "@bufbuild/protobuf";
import { timestampMs } from "@bufbuild/protobuf/wkt";
import { type LedgerSigner, requireWithinCeiling, type TransactionCost } from "@p8e/chain";
import {
  P8eError,
  randomUuid,
  type ScopeAddress,
  type SessionAddress,
  scopeAddress,
  sessionAddress,
  type Uuid,
} from "@p8e/core";
import { type KeyReference, parsePublicKey, signMessage } from "@p8e/crypto";
import type { Mail } from "@p8e/object-client";
import * as wire from "@p8e/proto/agreement";
import * as scope from "@p8e/proto/scope";
import type { PartyParts } from "../parts.ts";
import { encodeEvidence } from "../session/evidence.ts";
import { newExecution } from "../session/new-execution.ts";
import { letGo, noteFailure } from "../session/outbox.ts";
import { outboxOf } from "../session/outbox-of.ts";
import type { OtherSigner, PricedSession, SessionOptions } from "../session/session.ts";
import { shareObjects } from "../session/share-objects.ts";
import type { Transition } from "../state/agreement-store.ts";
import { type Agreement, type AgreementStep, stepOf } from "./agreement.ts";
import { encodeWords, requestHash, requestOf, signWords } from "./agreement-mail.ts";
import { type Approval, type ApprovalState, isApprovalOver, openApprovalStates } from "./approval.ts";
import { type ConsentStanding, consentStanding, requireConsents, signConsent } from "./consent.ts";
import { grantMessages, isOnLedger, type Leave, leaveFor, leaveForAll, ownAddress } from "./grants.ts";
import { type Inspection, type InspectOptions, inspectRequest } from "./inspect-request.ts";
import { type JvmRequest, refusalForJvm } from "./jvm-request.ts";
import { newMail, sendOutgoing, sentAgain } from "./mail-out.ts";
import { type MailEffect, reasonText, receiveMail } from "./receive-mail.ts";
import { type Settled, settle } from "./settle.ts";

type CallOptions = Pick<SessionOptions, "signal">;

/** A session that others were asked to sign. */
export interface RequestedSession {
  readonly executionUuid: Uuid;
  readonly scope: ScopeAddress;
  readonly session: SessionAddress;
  readonly others: readonly OtherSigner[];
  /** Milliseconds since 1970. */
  readonly deadlineMs: number;
}

/** A request that was looked at, with what approving it would allow and cost. */
export interface PricedInspection extends Inspection {
  /** What the invoker could write in this party's name with it, other open requests of the same invoker included. */
  readonly leave: readonly Leave[];
  /** Undefined when the ledger has the grants already, or none is needed. */
  readonly cost: TransactionCost | undefined;
}

/** How a request is approved. */
export interface ApproveOptions extends InspectOptions {
  /** What its history says of why: a rule of a policy, or "approved". */
  readonly cause?: string | undefined;
}

/**
 * Sessions that several parties sign, from both sides: the invoker's (request, cancel, resend) and that of a party that is
 * asked (inspect, approve, reject). Mail comes in through `receive`; what is due is done by `settle`.
 *
 * @example
 * const priced = await sessions.price(await sessions.execute(prepared));
 * const { executionUuid } = await agreements.request(priced);
 * // at the other party, once the mail is there
 * await agreements.receive(mail);
 * await agreements.approve(executionUuid);
 * await agreements.settle();
 */
export class Agreements {
  readonly #parts: PartyParts;

  constructor(parts: PartyParts) {
    this.#parts = parts;
  }

  /**
   * Stores what belongs to the session for its audience, then asks everybody whose signature is needed. From then on
   * {@link receive} and {@link settle} lead it to its end, in this process or another.
   * @throws `session.invalid` when nobody else must sign; `ledger.fee_ceiling`; what the store throws
   */
  async request(priced: PricedSession, options: SessionOptions = {}): Promise<RequestedSession> {
    const { state, network, party } = this.#parts;
    const { executed, cost } = priced;
    if (executed.others.length === 0) {
      throw new P8eError("session.invalid", "nobody else must sign this session: memorialize it");
    }
    requireWithinCeiling(cost, this.#parts.feeMax);
    const { envelope, others, prepared } = executed;
    const value = create(wire.AgreementRequestSchema, {
      chainId: network.chainId,
      envelope: encodeEvidence(envelope),
      signers: [prepared.packaged.request.invoker, ...others.map(({ affiliate }) => affiliate)].map((each) => ({
        signingKey: each.signingKey.uncompressed,
        encryptionKey: each.encryptionKey.uncompressed,
      })),
    });
    const said = { case: "request", value } as const;
    const request = await signWords(encodeWords(said), party.signing);
    const execution = { ...newExecution(priced), envelope: value.envelope };
    const { uuid, scopeUuid, sessionUuid } = execution;
    const deadlineMs = timestampMs(envelope.expirationTime!);
    await state.create(execution);
    try {
      await shareObjects(this.#parts, executed, options).catch(async (error: unknown) => {
        await noteFailure(state, execution, "created", P8eError.from(error));
        throw error;
      });
      const readers = others.map(({ affiliate }) => affiliate.encryptionKey);
      const signers = others.map(({ address, affiliate }) => ({ address, ...affiliate, stand: "asked" as const }));
      const begin = { uuid, deadlineMs, request, signers };
      await state.agreements.commit({ begin, outgoing: [newMail(uuid, said, readers)] });
    } finally {
      await letGo(state, execution);
    }
    await sendOutgoing(this.#parts, options);
    const address = { scope: scopeAddress(scopeUuid), session: sessionAddress(scopeUuid, sessionUuid) };
    return { executionUuid: uuid, ...address, others, deadlineMs };
  }

  /** Takes a mail in; see {@link receiveMail}. */
  receive(mail: Mail, options: CallOptions = {}): Promise<MailEffect> {
    return receiveMail(this.#parts, mail, options);
  }

  /** Does what is due; see {@link settle}. */
  settle(options: CallOptions = {}): Promise<Settled> {
    return settle(this.#parts, options);
  }

  /** An own session that others sign. @throws `session.not_found`, `session.invalid` for another party's */
  async agreement(uuid: Uuid): Promise<Agreement> {
    const { agreements } = this.#parts.state;
    const found = await agreements.agreement(uuid);
    if (found !== undefined) return found;
    if ((await agreements.approval(uuid)) === undefined) throw notFound(uuid);
    throw new P8eError("session.invalid", "another party asked for this session: that is for it to do", {
      facts: { execution: uuid },
      hint: "Approve it or reject it.",
    });
  }

  /** A request of another party. @throws `session.not_found`, `session.invalid` for an own session */
  async approval(uuid: Uuid): Promise<Approval> {
    const { agreements } = this.#parts.state;
    const found = await agreements.approval(uuid);
    if (found !== undefined) return found;
    if ((await agreements.jvmRequest(uuid)) !== undefined) {
      throw new P8eError("session.not_supported", "a party of the JVM's SDK asks for it: its code does not run here", {
        facts: { execution: uuid },
        hint: "It can be looked at and rejected: p8e session show, p8e session reject.",
      });
    }
    if ((await agreements.agreement(uuid)) === undefined) throw notFound(uuid);
    throw new P8eError("session.invalid", "this party asked for this session itself, and signed it by asking", {
      facts: { execution: uuid },
      hint: "Cancel it, or wait for the others.",
    });
  }

  /** Requests of others, those that are still open unless told otherwise, oldest first. */
  async approvals(states: readonly ApprovalState[] = openApprovalStates): Promise<readonly Approval[]> {
    const all = await this.#parts.state.agreements.approvals(states);
    return all.filter(({ state }) => states.includes(state));
  }

  /** Every step that an execution has taken, own or another's. */
  transitions(uuid: Uuid): Promise<readonly Transition[]> {
    return this.#parts.state.agreements.transitions(uuid);
  }

  /**
   * Looks through a request and executes its contract here; see {@link inspectRequest}. Nothing is signed or granted.
   * @throws `session.not_found`, `session.…` when it is over; what it finds wrong
   */
  async inspect(uuid: Uuid, options: InspectOptions = {}): Promise<PricedInspection> {
    const { agreements } = this.#parts.state;
    const approval = await this.approval(uuid);
    requireOpen(approval);
    const inspection = await inspectRequest(this.#parts, approval, options);
    if (approval.state === "received") {
      const { revision } = approval;
      const cause = "executed here, with the same results";
      await agreements.commit({ approval: { uuid, revision, from: "received", to: "inspected", cause } });
    }
    return { ...inspection, approval: await this.approval(uuid), ...(await this.#leave(approval, options)) };
  }

  /**
   * Inspects a request and, when nothing is wrong with it, signs: the grant goes to the ledger, then the signature to the
   * invoker.
   * @throws as {@link inspect}; what ledger and store throw, and then `settle` does the rest
   */
  async approve(uuid: Uuid, options: ApproveOptions = {}): Promise<Approval> {
    return this.approveInspected(await this.inspect(uuid, options), options);
  }

  /**
   * Signs what was inspected, and maybe shown to somebody: as {@link approve}, which looks first.
   * @throws `state.conflict` when the request has changed since; what ledger and store throw, and then `settle` does the rest
   */
  async approveInspected(
    inspection: PricedInspection,
    options: Pick<ApproveOptions, "cause" | "signal"> = {},
  ): Promise<Approval> {
    const { uuid } = inspection.approval;
    await this.accept(inspection, options.cause);
    for (;;) {
      const { failures } = await this.settle(options);
      const failed = failures.find(({ execution }) => execution === uuid);
      if (failed === undefined) break;
      // Each round looks through more of the blocks that there are.
      if (failed.error.code !== "session.leave_unchecked") throw failed.error;
    }
    const approval = await this.approval(uuid);
    // Its deadline may have passed, or its invoker have ended it.
    if (approval.state !== "committed") requireOpen(approval);
    return approval;
  }

  /**
   * Where this party wants several people's yes: one of them gives it to a request that was inspected, with a signature by
   * that person's own key, which is durable with the step that history shows. Nothing is signed for the party; see
   * {@link accept}.
   * @throws `session.invalid` when nobody's is wanted, or the name is none of the approvers'; `session.foreign_signer` for
   *   another's key; `state.conflict` when the request has changed since
   */
  async consent({ approval: { uuid } }: PricedInspection, name: string, key: KeyReference): Promise<ConsentStanding> {
    const { approvers, state } = this.#parts;
    const approver = approvers?.people.find((each) => each.name === name);
    if (approvers === undefined || approver === undefined) {
      throw new P8eError("session.invalid", `there is no approver "${name}"`, {
        facts: { approver: name, approvers: approvers?.people.map((each) => each.name) ?? [] },
        hint: "The party's profile names its approvers.",
      });
    }
    // Others may have said yes since it was inspected: a request itself never changes.
    const approval = await this.approval(uuid);
    const { revision, state: at } = approval;
    if (at === "inspected") {
      const consent = await signConsent(approval, state.origin, approver, key);
      const change = { uuid, revision, from: at, to: at, consent, cause: `${name} says yes` } as const;
      await state.agreements.commit({ approval: change });
    }
    return (await this.consents(uuid))!;
  }

  /** Who has said yes to a request, and who still can; undefined where this party does not want several people's yes. */
  async consents(uuid: Uuid): Promise<ConsentStanding | undefined> {
    const { approvers, state } = this.#parts;
    if (approvers === undefined) return undefined;
    return consentStanding(await this.approval(uuid), state.origin, approvers, await state.agreements.consents(uuid));
  }

  /**
   * Says yes to a request that was inspected, durably; its grant and its answer go out with the next {@link settle}, those
   * of several requests together. One that was accepted before, here or by another process, stays as it is.
   * @returns whether this call has accepted it
   * @throws `session.approvers_missing` where several people's yes is wanted; `state.conflict` when the request has changed
   *   since
   */
  async accept({ approval: { uuid }, theirs }: PricedInspection, cause = "approved"): Promise<boolean> {
    const { party, network, state } = this.#parts;
    // Of those who say yes one after the other, the last accepts what he has inspected; the request itself never changes.
    const approval = await this.approval(uuid);
    if (approval.state !== "inspected") return false;
    const standing = await this.consents(uuid);
    if (standing !== undefined) requireConsents(uuid, standing);
    const envelope = clone(scope.EnvelopeSchema, theirs.envelope);
    envelope.signatures = [await signMessage(party.signing, theirs.contractBytes)];
    const value = create(wire.AgreementReplySchema, {
      chainId: network.chainId,
      requestHash: requestHash(requestOf(approval.request)),
      envelope: encodeEvidence(envelope),
    });
    const answer = encodeWords({ case: "reply", value });
    const { revision } = approval;
    // From here on there may be a grant on the ledger.
    const change = { uuid, revision, from: "inspected", to: "approving", answer, granted: true, cause } as const;
    await state.agreements.commit({ approval: change });
    return true;
  }

  /**
   * Refuses a request, or takes back what was granted before the invoker has used it. Everybody who must sign is told, in
   * this party's own words.
   * @throws `input.invalid` without a reason; `session.…` when it is over, `session.too_late` when it is on the ledger
   */
  async reject(uuid: Uuid, reason: string, options: CallOptions = {}): Promise<Approval> {
    const { state, network, party } = this.#parts;
    const words = requireReason(reason);
    const approval = await this.approval(uuid);
    requireOpen(approval);
    if (approval.granted) await this.#requireUnwritten(approval, options);
    const request = requestOf(approval.request);
    const value = create(wire.AgreementRefusalSchema, {
      ...{ chainId: network.chainId, executionUuid: uuid, requestHash: requestHash(request), reason: words },
    });
    const readers = request.signers
      .map(({ encryptionKey }) => parsePublicKey(encryptionKey))
      .filter((key) => !key.equals(party.encryption.publicKey));
    const outgoing = [newMail(uuid, { case: "refusal", value }, readers)];
    const { revision, state: from } = approval;
    const to = from === "approved" ? "revoked" : "rejected";
    const answer = outgoing[0]!.content;
    await state.agreements.commit({
      approval: { uuid, revision, from, to, cause: to, reason: words, answer },
      outgoing,
    });
    await this.settle(options);
    return this.approval(uuid);
  }

  /** Requests of parties of the JVM's SDK, those that wait unless told otherwise, oldest first. */
  jvmRequests(all = false): Promise<readonly JvmRequest[]> {
    return this.#parts.state.agreements.jvmRequests(all);
  }

  /**
   * Refuses a request of a party of the JVM's SDK; its parties are told in that SDK's form, in this party's own words.
   * @throws `input.invalid` without a reason; `session.not_found`; `session.rejected` when it was refused before
   */
  async rejectJvm(uuid: Uuid, reason: string, options: CallOptions = {}): Promise<JvmRequest> {
    const { state, party, random } = this.#parts;
    const words = requireReason(reason);
    const request = await state.agreements.jvmRequest(uuid);
    if (request === undefined) throw notFound(uuid);
    if (request.state === "rejected") {
      throw new P8eError("session.rejected", "the session is over: it was rejected", {
        facts: { execution: uuid, reason: request.reason },
      });
    }
    const own = party.encryption.publicKey;
    const mail = refusalForJvm(request, { reason: words, own, errorUuid: randomUuid(random) });
    await state.agreements.commit({ jvmRejected: { uuid, reason: words }, outgoing: [mail] });
    await this.settle(options);
    return (await state.agreements.jvmRequest(uuid))!;
  }

  /**
   * Ends an own session before it is written; everybody who was asked is told.
   * @throws `session.too_late` when it is on its way to the ledger, or over
   */
  async cancel(uuid: Uuid, reason = "cancelled by the invoker", options: CallOptions = {}): Promise<Agreement> {
    const agreement = await this.agreement(uuid);
    const step: AgreementStep = stepOf(agreement, { kind: "cancelled", reason: reasonText(reason) });
    const { revision, state: from } = agreement;
    if (step.kind !== "moved") {
      throw new P8eError("session.too_late", `the session cannot be cancelled any more: it is ${from}`, {
        facts: { execution: uuid, state: from },
      });
    }
    const { to, signers, cause, reason: why } = step;
    await this.#parts.state.agreements.commit({
      agreement: { uuid, revision, from, to, signers, cause, reason: why },
    });
    await this.settle(options);
    return this.agreement(uuid);
  }

  /** Asks those once more who have not answered. @throws `session.too_late` when nobody is asked any more */
  async resend(uuid: Uuid, options: CallOptions = {}): Promise<Agreement> {
    const agreement = await this.agreement(uuid);
    const { revision, state: at, signers, request } = agreement;
    const silent = signers.filter(({ stand }) => stand === "asked");
    if ((at !== "requested" && at !== "awaiting") || silent.length === 0) {
      throw new P8eError("session.too_late", `nobody is asked any more: the session is ${at}`, {
        facts: { execution: uuid, state: at },
      });
    }
    const sendings = agreement.sendings + 1;
    const readers = silent.map(({ encryptionKey }) => encryptionKey);
    const outgoing = [sentAgain({ execution: uuid, content: request.content, readers }, sendings)];
    await this.#parts.state.agreements.commit({
      agreement: { uuid, revision, from: at, to: at, sendings, cause: "sent again" },
      outgoing,
    });
    await sendOutgoing(this.#parts, options);
    return this.agreement(uuid);
  }

  /** What the invoker has written with the grant stays, whether or not anybody has told of it. */
  async #requireUnwritten(approval: Approval, options: CallOptions): Promise<void> {
    let written: boolean;
    try {
      written = await isOnLedger(this.#parts, approval, options);
    } catch (thrown) {
      const error = P8eError.from(thrown);
      if (error.code === "rpc.cancelled") throw error;
      return; // a ledger that cannot be asked keeps nobody from refusing; the grant goes when it can
    }
    if (!written) return;
    throw new P8eError("session.too_late", "the session cannot be rejected any more: it is on the ledger", {
      facts: { execution: approval.uuid, state: approval.state },
    });
  }

  async #leave(approval: Approval, options: CallOptions): Promise<Pick<PricedInspection, "leave" | "cost">> {
    const { chain, state } = this.#parts;
    const others = (await state.agreements.approvals(openApprovalStates)).filter(
      (each) =>
        each.granted && !isApprovalOver(each.state) && each.invoker === approval.invoker && each.uuid !== approval.uuid,
    );
    const leave = leaveForAll([...others, approval].flatMap((each) => leaveFor(each, this.#parts)));
    const of = { granter: ownAddress(this.#parts), grantee: approval.invoker };
    const messages = grantMessages(leave, await chain.accounts.grants(of.granter, of.grantee, options), of);
    if (messages.length === 0) return { leave, cost: undefined };
    const signer: LedgerSigner = outboxOf(this.#parts).signer;
    return { leave, cost: await chain.estimate(messages, [signer], options) };
  }
}

function requireOpen({ uuid, state, reason }: Approval): void {
  if (!isApprovalOver(state)) return;
  const code =
    state === "expired"
      ? "session.expired"
      : state === "cancelled"
        ? "session.cancelled"
        : ("session.rejected" as const);
  const late = state === "committed" || state === "failed";
  throw new P8eError(late ? "session.too_late" : code, `the session is over: it is ${state}`, {
    facts: { execution: uuid, state, ...(reason === undefined ? {} : { reason }) },
  });
}

function requireReason(reason: string): string {
  const words = reasonText(reason);
  if (words !== "") return words;
  throw new P8eError("input.invalid", "whoever rejects says why", { hint: "All parties are shown the reason." });
}

function notFound(execution: Uuid): P8eError {
  return new P8eError("session.not_found", "this party knows no such session that several sign", {
    facts: { execution },
  });
}
