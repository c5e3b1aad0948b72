import type { AccountAddress, Uuid } from "@p8e/core";
import type { SignedMail } from "./agreement-mail.ts";

/**
 * The life of a request at the party that is asked.
 *
 * received    it waits to be looked at
 * inspected   executed here, with the same results
 * approving   somebody has said yes; the grant is being written
 * approved    the grant is on the ledger, and the signature on its way to the invoker
 * committed | rejected | revoked | expired | cancelled | failed   ends; what is on the ledger is committed, whatever
 *             somebody said meanwhile
 */
export type ApprovalState =
  | "received"
  | "inspected"
  | "approving"
  | "approved"
  | "committed"
  | "rejected"
  | "revoked"
  | "expired"
  | "cancelled"
  | "failed";

const ends: readonly ApprovalState[] = ["committed", "rejected", "revoked", "expired", "cancelled", "failed"];

const next: Readonly<Record<ApprovalState, readonly ApprovalState[]>> = {
  received: ["inspected", ...ends.filter((end) => end !== "revoked")],
  inspected: ["approving", ...ends.filter((end) => end !== "revoked")],
  approving: ["approved", ...ends],
  approved: ends,
  committed: [],
  // Whoever refused or gave up while it was on its way finds it on the ledger all the same.
  rejected: ["committed"],
  revoked: ["committed"],
  expired: ["committed"],
  cancelled: ["committed"],
  failed: ["committed"],
};

/** All of them, in the order of a life. */
export const approvalStates = Object.keys(next) as readonly ApprovalState[];

/** Those in which something may still happen. */
export const openApprovalStates: readonly ApprovalState[] = approvalStates.filter((state) => !isApprovalOver(state));

/** Whether nothing more is to be done for a request that got there, but to take back what was granted for it. */
export function isApprovalOver(state: ApprovalState): boolean {
  return ends.includes(state);
}

/** Whether a request may go from the one state to the other. */
export function mayApprovalFollow(from: ApprovalState, to: ApprovalState): boolean {
  return next[from].includes(to);
}

/** Another party's request for this party's signature, as it is remembered. */
export interface Approval {
  /** Of the execution. */
  readonly uuid: Uuid;
  readonly state: ApprovalState;
  readonly invoker: AccountAddress;
  readonly scopeUuid: Uuid;
  readonly sessionUuid: Uuid;
  /** The contract's class name, as the request has it. */
  readonly contract: string;
  readonly deadlineMs: number;
  readonly request: SignedMail;
  /** What this party answered. */
  readonly answer?: Uint8Array | undefined;
  /** Why it ended, when it was not committed: a party's words, or an error's code. */
  readonly reason?: string | undefined;
  /** Whether a grant for it may be on the ledger. */
  readonly granted: boolean;
  readonly receivedAtMs: number;
  readonly updatedAtMs: number;
  /** Goes up with each change. */
  readonly revision: number;
}

/** What is left to do for a request; worked out from what is durable. */
export type ApprovalDuty = "wait" | "expire" | "grant" | "release" | "none";

/** What is to be done for a request as it is now. */
export function approvalDutyOf({ state, deadlineMs, granted }: Approval, nowMs: number): ApprovalDuty {
  if (isApprovalOver(state)) return granted ? "release" : "none";
  if (nowMs >= deadlineMs) return "expire";
  return state === "approving" ? "grant" : "wait";
}
