import {
  type AccountAddress,
  type CallOptions,
  isP8eError,
  P8eError,
  scopeAddress,
  sessionAddress,
  type Uuid,
} from "@p8e/core";
import { parsePublicKey } from "@p8e/crypto";
import type { PartyParts } from "../parts.ts";
import { type ResumedExecution, resumeExecutions } from "../session/outbox.ts";
import { outboxOf } from "../session/outbox-of.ts";
import type { AgreementStore } from "../state/agreement-store.ts";
import { isFinal } from "../state/execution.ts";
import type { UnapprovedUse } from "../state/leave-watches.ts";
import { type Agreement, dutyOf, stepOf } from "./agreement.ts";
import { decodeWords, requestOf } from "./agreement-mail.ts";
import { type Approval, approvalDutyOf, isApprovalOver, openApprovalStates } from "./approval.ts";
import { endMail } from "./end-mail.ts";
import { bringGrants, isOnLedger } from "./grants.ts";
import { BlockReader, lookAfterLeave } from "./look-after-leave.ts";
import { newMail, sendOutgoing } from "./mail-out.ts";

/** What one round of {@link settle} has done, and what it could not do. */
export interface Settled {
  /** Own executions that went to the ledger, or can never go there. */
  readonly resumed: readonly ResumedExecution[];
  /** How many mails went out. */
  readonly sent: number;
  /** What has to wait for another round: whose session, and why; of what concerns no session of its own, undefined. */
  readonly failures: readonly { readonly execution: Uuid | undefined; readonly error: P8eError }[];
}

/**
 * Does what is due: sends mail, gives and takes back grants, lets sessions expire, writes those that everybody has signed,
 * and tells how they ended. All of it follows from what is durable, so it may be done by any process, as often as wanted,
 * after any crash; nothing is written twice.
 *
 * @throws when the state cannot be used, or the store cannot be asked at all: requests of others and deadlines have been
 *   seen to before. What keeps one session from being written, or its grants from being brought, is among the failures
 */
export async function settle(parts: PartyParts, options: Pick<CallOptions, "signal"> = {}): Promise<Settled> {
  const failures: { execution: Uuid | undefined; error: P8eError }[] = [];
  const attempt = async (executions: readonly (Uuid | undefined)[], work: () => Promise<void>) => {
    try {
      await work();
    } catch (thrown) {
      const error = P8eError.from(thrown);
      if (error.code === "rpc.cancelled") throw error;
      // Another process was faster: it does the rest.
      if (error.code !== "state.conflict") failures.push(...executions.map((execution) => ({ execution, error })));
    }
  };
  // What is due on the ledger, a grant that is taken back above all, does not wait for the store.
  const first = await heldBack(() => sendOutgoing(parts, options));
  await settleApprovals(parts, attempt, options);
  for (const agreement of await parts.state.agreements.openAgreements()) {
    await attempt([agreement.uuid], () => expireIfDue(parts, agreement));
  }
  if ("away" in first) throw first.away;
  // How other sessions ended is told, whatever keeps one from being written.
  const written = await resumeExecutions(outboxOf(parts), options);
  const resumed = written.filter(({ execution, error }) => {
    // Whatever it was: what has not ended for good is tried again.
    const waits = error !== undefined && !isFinal(execution.state);
    if (waits) failures.push({ execution: execution.uuid, error });
    return !waits;
  });
  for (const agreement of await parts.state.agreements.openAgreements()) {
    if (dutyOf(agreement, parts.nowMs()) === "tell") await attempt([agreement.uuid], () => tellEnd(parts, agreement));
  }
  const sent = first.done + (await sendOutgoing(parts, options));
  return { resumed, sent, failures };
}

/** What came of it, or why it could not be done: to be thrown when what does not need it has been seen to. */
async function heldBack<T>(work: () => Promise<T>): Promise<{ readonly done: T } | { readonly away: P8eError }> {
  try {
    return { done: await work() };
  } catch (thrown) {
    const away = P8eError.from(thrown);
    if (away.code === "rpc.cancelled") throw away;
    return { away };
  }
}

async function expireIfDue({ state, nowMs }: PartyParts, agreement: Agreement): Promise<void> {
  if (dutyOf(agreement, nowMs()) !== "expire") return;
  const step = stepOf(agreement, { kind: "overdue" });
  if (step.kind !== "moved") return;
  const { uuid, revision, state: from, signers } = agreement;
  const { to, cause, reason } = step;
  await state.agreements.commit({ agreement: { uuid, revision, from, to, signers, cause, reason } });
}

async function tellEnd({ state, network }: PartyParts, agreement: Agreement): Promise<void> {
  const { uuid, revision, state: at, signers } = agreement;
  const transactionHash = (await state.get(uuid))?.transaction?.hash;
  const mail = endMail(
    { ...agreement, transactionHash },
    network,
    signers.map((each) => each.encryptionKey),
  );
  const change = { uuid, revision, from: at, to: at, told: true, cause: "told" } as const;
  await state.agreements.commit({ agreement: change, outgoing: [mail] });
}

type Attempt = (executions: readonly (Uuid | undefined)[], work: () => Promise<void>) => Promise<void>;

async function settleApprovals(
  parts: PartyParts,
  attempt: Attempt,
  options: Pick<CallOptions, "signal">,
): Promise<void> {
  const { agreements, leaveWatches } = parts.state;
  for (const approval of await agreements.approvals(openApprovalStates)) {
    await attempt([approval.uuid], () => endIfDue(parts, approval, options));
  }
  // Before the requests: a change of leave that a watch does not know of yet shows in them.
  const watches = new Map((await leaveWatches.list()).map((watch) => [watch.grantee, watch]));
  // The grants that one invoker has are one thing, however many requests it has open.
  const byInvoker = Map.groupBy(
    (await agreements.approvals(openApprovalStates)).filter(({ granted }) => granted),
    ({ invoker }) => invoker,
  );
  const blocks = new BlockReader(parts);
  /** Whether all is known of what an account did; or why not. */
  const looks = new Map<AccountAddress, boolean | P8eError>();
  for (const grantee of new Set([...watches.keys(), ...byInvoker.keys()])) {
    await attempt([undefined], async () => {
      const watch = watches.get(grantee);
      const approvals = byInvoker.get(grantee) ?? [];
      // Leave from before there were watches is looked after from now on.
      if (watch === undefined) {
        await leaveWatches.begin(grantee, (await parts.chain.newestBlock(options)).height);
        looks.set(grantee, true);
        return;
      }
      try {
        looks.set(grantee, await lookAfterLeave(parts, { watch, approvals, blocks }, options));
      } catch (thrown) {
        looks.set(grantee, P8eError.from(thrown));
        throw thrown;
      }
    });
  }
  for (const [invoker, approvals] of byInvoker) {
    // Whoever waits for its grant, or for its end, is told; nothing is due for those that have theirs.
    const due = approvals.filter(({ state }) => state !== "approved");
    const concerned = (due.length > 0 ? due : approvals).map(({ uuid }) => uuid);
    await attempt(concerned, async () => {
      const misuse = await leaveWatches.newestUnapprovedOf(invoker);
      // Who may have used leave for something else gets none again for what he asked for before that was found.
      const isTrusted = ({ receivedAtMs }: Approval) => misuse === undefined || misuse.atMs < receivedAtMs;
      const look = looks.get(invoker);
      const giveMore = look === true;
      const open = approvals.filter(({ state }) => !isApprovalOver(state));
      await bringGrants(parts, invoker, open.filter(isTrusted), { giveMore, ...options });
      for (const approval of approvals) {
        await attempt([approval.uuid], async () => {
          if (!isApprovalOver(approval.state) && !isTrusted(approval)) throw misused(misuse!);
          if (approval.state === "approving" && !giveMore) throw isP8eError(look) ? look : stillLooking(invoker);
          await noteGrants(agreements, approval);
        });
      }
    });
  }
}

function misused({ writtenBy, session, height }: UnapprovedUse): P8eError {
  const of = session && {
    session: sessionAddress(session.scopeUuid, session.sessionUuid),
    scope: scopeAddress(session.scopeUuid),
  };
  const message =
    session === undefined
      ? "its invoker may have used this party's leave for something that is not known"
      : "its invoker may have used this party's leave for a session that it did not approve";
  return new P8eError("session.unapproved", message, {
    facts: { invoker: writtenBy, ...of, height },
    hint:
      "Its leave was taken back, but for a grant without a count, which is somebody's own. Reject the request; another " +
      "that comes from now on can be approved.",
  });
}

function stillLooking(invoker: AccountAddress): P8eError {
  return new P8eError(
    "session.leave_unchecked",
    "no leave is given yet: its invoker's use of earlier leave is still looked at",
    {
      facts: { invoker },
      hint: "It goes on by itself while p8e listen runs; otherwise repeat p8e inbox.",
    },
  );
}

/** What was written is committed, and what is overdue has expired: by the chain's clock where a grant may be in use. */
async function endIfDue(parts: PartyParts, approval: Approval, options: Pick<CallOptions, "signal">): Promise<void> {
  const { state, chain, nowMs } = parts;
  const { uuid, revision, state: from, granted, deadlineMs } = approval;
  if (from === "committed") return;
  if (granted && (await isOnLedger(parts, approval, options))) {
    const cause = "its session is on the ledger";
    await state.agreements.commit({ approval: { uuid, revision, from, to: "committed", cause } });
    return;
  }
  const now = granted ? (await chain.newestBlock(options)).timeMs : nowMs();
  if (approvalDutyOf(approval, now) !== "expire" || now < deadlineMs) return;
  const ended = { to: "expired", cause: "the deadline has passed", reason: "session.expired" } as const;
  await state.agreements.commit({ approval: { uuid, revision, from, ...ended } });
}

/** After the grants are what they should be: the signature goes out, or nothing is left of what was granted. */
async function noteGrants(agreements: AgreementStore, approval: Approval): Promise<void> {
  const { uuid, revision, state: from, answer, request } = approval;
  if (from === "approving") {
    const invoker = parsePublicKey(requestOf(request).signers[0]!.encryptionKey);
    const mail = newMail(uuid, decodeWords(answer!), [invoker]);
    await agreements.commit({
      approval: { uuid, revision, from, to: "approved", cause: "granted" },
      outgoing: [mail],
    });
  } else if (isApprovalOver(from)) {
    const cause = "nothing is left of its grant";
    await agreements.commit({ approval: { uuid, revision, from, to: from, granted: false, cause } });
  }
}
