import { type CallOptions, P8eError, pause, systemClock, type Uuid } from "@p8e/core";
import type { ApprovalPolicy } from "../approval-policy/approval-policy.ts";
import { decideApproval, policyCause } from "../approval-policy/decide-approval.ts";
import { newReadersOf } from "../inspection/request-view.ts";
import { laterMs } from "../mailbox-loop/mail-fate.ts";
import { type MailboxLoopParts, type MailNews, mailboxLoop, takeInMail } from "../mailbox-loop/mailbox-loop.ts";
import { merged } from "../mailbox-loop/merged.ts";
import { mayPassLater } from "../may-pass-later.ts";
import type { PartyParts } from "../parts.ts";
import type { ResumedExecution } from "../session/outbox.ts";
import type { UnapprovedUse } from "../state/leave-watches.ts";
import { agreementMailHandler } from "./agreement-mail-handler.ts";
import type { Agreements, PricedInspection } from "./agreements.ts";
import type { Approval } from "./approval.ts";
import { DATA_ACCESS_MESSAGE, SESSION_MESSAGE } from "./needed-signatures.ts";
import type { MailEffect } from "./receive-mail.ts";
import type { Settled } from "./settle.ts";

/** What happens while a party listens. */
export type ListenNews =
  | MailNews<MailEffect>
  /** Mail that was due went out; told by {@link takeIn}, which does one round. */
  | { readonly kind: "sent"; readonly mails: number }
  /** An own session went to the ledger, or never will. */
  | { readonly kind: "resumed"; readonly resumed: ResumedExecution }
  /**
   * A rule of the policy has approved a request, after this party has executed it with the same results; the grant is given
   * and the answer sent.
   */
  | { readonly kind: "approved"; readonly execution: Uuid; readonly rule: string }
  /** A person decides: why no rule fits. */
  | {
      readonly kind: "undecided";
      readonly execution: Uuid;
      readonly why: readonly { readonly rule: string; readonly misses: readonly string[] }[];
    }
  /** A request does not hold: nothing was signed. */
  | { readonly kind: "unsound"; readonly execution: Uuid; readonly error: P8eError }
  /** Somebody may have used this party's leave for what it has not approved. */
  | { readonly kind: "unapproved"; readonly found: UnapprovedUse }
  /** Something due could not be done; it is tried again. Told once for each reason. */
  | { readonly kind: "postponed"; readonly execution: Uuid | undefined; readonly error: P8eError };

/** How a party listens. */
export interface ListenOptions extends Pick<CallOptions, "signal"> {
  /** What is approved without asking; nothing when absent. */
  readonly policy?: ApprovalPolicy | undefined;
  /** How often to do what is due beside what mail brings. Default 2 s. */
  readonly everyMs?: number | undefined;
}

const EVERY_MS = 2000;
const DAY_MS = 86_400_000;
/** Reasons that were told once. */
const TOLD_MAX = 1000;

/**
 * Takes in mail and does what is due until the signal fires, and tells what happens. With a policy, each request that
 * comes is executed here, and approved where a rule fits altogether; otherwise it waits for a person.
 * @throws as {@link mailboxLoop}
 */
export function listen(
  { parts, agreements }: { readonly parts: PartyParts; readonly agreements: Agreements },
  options: ListenOptions = {},
): AsyncGenerator<ListenNews, void> {
  const bell = new Nudge();
  const loop = loopParts(parts);
  return merged<ListenNews>(
    [
      (signal) => nudging(mailboxLoop<MailEffect>(loop, { signal }), bell),
      (signal) => work(parts, agreements, bell, { ...options, signal }),
    ],
    options.signal,
  );
}

/**
 * Takes in the mail that waits now, does what is due, and ends; nothing is approved.
 * @throws as {@link mailboxLoop}, and when store or ledger cannot be asked
 */
export async function* takeIn(
  { parts, agreements }: { readonly parts: PartyParts; readonly agreements: Agreements },
  options: Pick<CallOptions, "signal"> = {},
): AsyncGenerator<ListenNews, void> {
  yield* takeInMail<MailEffect>(loopParts(parts), options);
  options.signal?.throwIfAborted();
  let settled: Settled;
  try {
    settled = await agreements.settle(options);
  } catch (thrown) {
    // It may have been found before something else could not be done.
    yield* untoldUses(parts);
    throw thrown;
  }
  yield* untoldUses(parts);
  if (settled.sent > 0) yield { kind: "sent", mails: settled.sent };
  for (const each of settled.resumed) yield { kind: "resumed", resumed: each };
  for (const { execution, error } of settled.failures) yield { kind: "postponed", execution, error };
}

function loopParts(parts: PartyParts): MailboxLoopParts<MailEffect> {
  const { store, party, network, state, nowMs } = parts;
  return {
    ...{ store, key: party.encryption, prefix: network.accountPrefix, quarantine: state.quarantine },
    handler: agreementMailHandler(parts),
    clock: { ...systemClock, now: nowMs },
  };
}

/** Lets work begin as soon as a letter was taken in. */
class Nudge {
  #stop = new AbortController();

  nudge(): void {
    this.#stop.abort();
  }

  async rest(milliseconds: number, signal: AbortSignal): Promise<void> {
    await pause(milliseconds, AbortSignal.any([signal, this.#stop.signal])).catch(() => {}); // nudged, or stopped
    if (this.#stop.signal.aborted) this.#stop = new AbortController();
  }
}

async function* nudging(
  mail: AsyncGenerator<MailNews<MailEffect>, void>,
  bell: Nudge,
): AsyncGenerator<ListenNews, void> {
  for await (const news of mail) {
    if (news.kind === "received") bell.nudge();
    yield news;
  }
}

async function* work(
  parts: PartyParts,
  agreements: Agreements,
  bell: Nudge,
  options: ListenOptions & { readonly signal: AbortSignal },
): AsyncGenerator<ListenNews, void> {
  const { signal, policy, everyMs = EVERY_MS } = options;
  const told = new Set<string>();
  const judge = policy === undefined ? undefined : new Judge(parts, agreements, policy);
  // Decided and durable; told once grant and answer have gone out, which the next settling does for all of a round.
  const decided = new Map<Uuid, ListenNews>();
  const postponed = (execution: Uuid | undefined, error: P8eError): ListenNews[] => {
    const reason = `${execution} ${error.code}`;
    if (told.has(reason)) return [];
    if (told.size >= TOLD_MAX) told.clear();
    told.add(reason);
    return [{ kind: "postponed", execution, error }];
  };
  while (!signal.aborted) {
    try {
      const { resumed, failures } = await agreements.settle({ signal });
      for (const each of resumed) yield { kind: "resumed", resumed: each };
      for (const { execution, error } of failures) yield* postponed(execution, error);
      for (const [uuid, news] of decided) {
        const state = (await agreements.approval(uuid))?.state;
        if (state === "approving") continue;
        decided.delete(uuid);
        if (state === "approved" || state === "committed") yield news;
      }
      if (judge !== undefined) {
        const round = judge.round(signal, postponed);
        let approved = false;
        for await (const news of round) {
          if (news.kind === "approved") {
            approved = true;
            decided.set(news.execution, news);
          } else yield news;
        }
        if (approved) continue;
      }
    } catch (thrown) {
      const error = P8eError.from(thrown);
      if (signal.aborted) return;
      if (!mayPassLater(error)) {
        yield* untoldUses(parts);
        throw error;
      }
      yield* postponed(undefined, error);
    }
    yield* untoldUses(parts);
    await bell.rest(everyMs, signal);
  }
}

/** What nobody was told of yet, whoever has found it; told again if the process ends before its receiver asks for more. */
async function* untoldUses({ state }: PartyParts): AsyncGenerator<ListenNews, void> {
  for (const found of await state.leaveWatches.untold()) {
    yield { kind: "unapproved", found };
    await state.leaveWatches.noteTold(found);
  }
}

/** Decides by a policy on the requests that wait. */
class Judge {
  readonly #parts: PartyParts;
  readonly #agreements: Agreements;
  readonly #policy: ApprovalPolicy;
  /** Requests that are a person's business from now on, and those that are looked at again later. */
  readonly #left = new Set<Uuid>();
  readonly #later = new Map<Uuid, { readonly attempts: number; readonly dueMs: number }>();

  constructor(parts: PartyParts, agreements: Agreements, policy: ApprovalPolicy) {
    this.#parts = parts;
    this.#agreements = agreements;
    this.#policy = policy;
  }

  async *round(
    signal: AbortSignal,
    postponed: (execution: Uuid, error: P8eError) => ListenNews[],
  ): AsyncGenerator<ListenNews, void> {
    const waiting = await this.#agreements.approvals(["received", "inspected"]);
    this.#forgetAllBut(waiting);
    for (const { uuid } of waiting) {
      if (signal.aborted) return;
      const later = this.#later.get(uuid);
      if (this.#left.has(uuid) || (later !== undefined && later.dueMs > this.#parts.nowMs())) continue;
      try {
        const news = await this.#decide(uuid, signal);
        this.#left.add(uuid);
        if (news !== undefined) yield news;
      } catch (thrown) {
        const error = P8eError.from(thrown);
        if (signal.aborted) return;
        // It passes, or the deadline does.
        if (mayPassLater(error)) {
          const attempts = (later?.attempts ?? 0) + 1;
          this.#later.set(uuid, { attempts, dueMs: this.#parts.nowMs() + laterMs(attempts) });
          yield* postponed(uuid, error);
        } else {
          this.#left.add(uuid);
          yield { kind: "unsound", execution: uuid, error };
        }
      }
    }
  }

  /** Undefined when somebody else has said yes meanwhile. */
  async #decide(uuid: Uuid, signal: AbortSignal): Promise<ListenNews | undefined> {
    const inspection = await this.#agreements.inspect(uuid, { signal, waitMs: 0 });
    const decision = decideApproval(this.#policy, {
      ...(await this.#factsOf(inspection)),
      approvedToday: await this.#approvedToday(),
    });
    if (decision.kind === "ask") return { kind: "undecided", execution: uuid, why: decision.why };
    // A rule is nobody: where people must say yes, all of them are waited for.
    if (this.#parts.approvers !== undefined) {
      return { kind: "undecided", execution: uuid, why: [{ rule: decision.rule, misses: ["approvers"] }] };
    }
    const accepted = await this.#agreements.accept(inspection, policyCause(decision.rule));
    return accepted ? { kind: "approved", execution: uuid, rule: decision.rule } : undefined;
  }

  async #factsOf(inspection: PricedInspection) {
    const { approval, contract, packaged, leave, cost } = inspection;
    const known: readonly string[] = [SESSION_MESSAGE, DATA_ACCESS_MESSAGE];
    return {
      contract: contract.specification.hash,
      invoker: approval.invoker,
      scopeSpecification: contract.scopeSpecification,
      newScope: packaged.request.scope.kind === "new",
      newReaders: newReadersOf(this.#parts, inspection),
      messages: leave.reduce((sum, { count }) => sum + count, 0),
      otherLeave: leave.some(({ messageTypeUrl }) => !known.includes(messageTypeUrl)),
      deadlineMs: approval.deadlineMs,
      fee: cost?.fee ?? 0n,
      nowMs: this.#parts.nowMs(),
    };
  }

  async #approvedToday(): Promise<ReadonlyMap<string, number>> {
    const since = this.#parts.nowMs() - DAY_MS;
    const counts = this.#policy.rules.map(async ({ name }) => {
      const count = await this.#parts.state.agreements.countSteps("approver", policyCause(name), since);
      return [name, count] as const;
    });
    return new Map(await Promise.all(counts));
  }

  #forgetAllBut(waiting: readonly Approval[]): void {
    const open = new Set(waiting.map(({ uuid }) => uuid));
    for (const uuid of this.#left) if (!open.has(uuid)) this.#left.delete(uuid);
    for (const uuid of this.#later.keys()) if (!open.has(uuid)) this.#later.delete(uuid);
  }
}
