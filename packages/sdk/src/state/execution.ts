import type { Amount } from "@p8e/chain";
import { type AccountAddress, P8eError, type Uuid } from "@p8e/core";

/**
 * The life of an execution.
 *
 * created       inputs are being stored, nothing signed yet
 * requested     other parties have been asked (multi-party)
 * awaiting      some have answered
 * signed        every needed signature is there; the evidence is stored before anything is written
 * broadcasting  the signed transaction is in the outbox; it may or may not have reached the chain
 * committed | rejected | expired | cancelled | failed   ends
 */
export type ExecutionState =
  | "created"
  | "requested"
  | "awaiting"
  | "signed"
  | "broadcasting"
  | "committed"
  | "rejected"
  | "expired"
  | "cancelled"
  | "failed";

const next: Readonly<Record<ExecutionState, readonly ExecutionState[]>> = {
  created: ["requested", "signed", "rejected", "failed", "expired"],
  requested: ["awaiting", "signed", "rejected", "expired", "cancelled", "failed"],
  awaiting: ["signed", "rejected", "expired", "cancelled", "failed"],
  signed: ["broadcasting", "rejected", "expired", "cancelled", "failed"],
  // To itself: signed anew, because the first bytes can never be included. Back to signed: they expired unseen.
  broadcasting: ["committed", "failed", "signed", "broadcasting"],
  committed: [],
  rejected: [],
  expired: [],
  cancelled: [],
  failed: [],
};

/** All of them, in the order of a life. */
export const executionStates = Object.keys(next) as readonly ExecutionState[];

/** Those in which there is something left to do. */
export const openStates: readonly ExecutionState[] = executionStates.filter((state) => !isFinal(state));

/** Whether an execution that got there stays there. */
export function isFinal(state: ExecutionState): boolean {
  return next[state].length === 0;
}

/** Whether an execution may go from the one state to the other. */
export function mayFollow(from: ExecutionState, to: ExecutionState): boolean {
  return next[from].includes(to);
}

/** @throws `session.invalid` */
export function requireTransition(execution: Uuid, from: ExecutionState, to: ExecutionState): void {
  if (!mayFollow(from, to)) {
    throw new P8eError("session.invalid", `an execution that is ${from} cannot become ${to}`, {
      facts: { execution, from, to },
    });
  }
}

/** Whose executions a state file holds, and for which chain: elsewhere they would be sent to the wrong place. */
export interface StateOrigin {
  /** Of the party's signing key. */
  readonly party: AccountAddress;
  /** The chain id. */
  readonly network: string;
}

/** One execution as it is remembered. It holds hashes, parties and signatures; payload bytes stay in the store. */
export interface Execution extends StateOrigin {
  readonly uuid: Uuid;
  readonly state: ExecutionState;
  readonly scopeUuid: Uuid;
  readonly sessionUuid: Uuid;
  /** The contract's class name. */
  readonly contract: string;
  /** Serialized `Envelope`: as sent while created, with results and signature from signed on. */
  readonly envelope: Uint8Array;
  /** The most that writing it may cost; absent in executions of format 1, which did not remember it. */
  readonly price?: readonly Amount[];
  /** Whose fee allowance pays; this party itself when absent. */
  readonly feeGranter?: AccountAddress;
  /** Why it ended, when it did not commit: an error's code, or a sentence. */
  readonly reason?: string;
  readonly transaction?: OutboxTransaction;
  readonly createdAtMs: number;
  readonly updatedAtMs: number;
}

/** A signed transaction that must reach the chain once: the same bytes are sent again after a crash. */
export interface OutboxTransaction {
  /** Upper-case hexadecimal SHA-256 of `bytes`. */
  readonly hash: string;
  readonly bytes: Uint8Array;
  /** Above this height the transaction can never be included. */
  readonly timeoutHeight: bigint;
  /** How many sessions it was signed for; what becomes of it becomes of all of them. */
  readonly sessions: number;
}
