import { P8eError, type Uuid } from "@p8e/core";

/**
 * The life of an execution.
 *
 * created       inputs are being stored, nothing signed yet
 * requested     other parties have been asked (multi-party)
 * awaiting      some have answered
 * signed        every needed signature is there, the evidence is stored
 * broadcasting  the signed transaction is in the outbox; it may or may not have reached the chain
 * committed | rejected | expired | failed   ends
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
  | "failed";

const next: Readonly<Record<ExecutionState, readonly ExecutionState[]>> = {
  created: ["requested", "signed", "rejected", "failed", "expired"],
  requested: ["awaiting", "signed", "rejected", "expired", "failed"],
  awaiting: ["signed", "rejected", "expired", "failed"],
  signed: ["broadcasting", "expired", "failed"],
  // Back to signed: the transaction expired unseen and can be built again.
  broadcasting: ["committed", "failed", "signed"],
  committed: [],
  rejected: [],
  expired: [],
  failed: [],
};

export const executionStates = Object.keys(next) as readonly ExecutionState[];

export function isFinal(state: ExecutionState): boolean {
  return next[state].length === 0;
}

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

/** One execution as it is remembered. It holds hashes, parties and signatures; payload bytes stay in the store. */
export interface Execution {
  readonly uuid: Uuid;
  readonly state: ExecutionState;
  readonly scopeUuid: Uuid;
  readonly sessionUuid: Uuid;
  /** The contract's class name. */
  readonly contract: string;
  /** Serialized `Envelope`: as sent while created, with results and signature from signed on. */
  readonly envelope: Uint8Array;
  /** Why it ended, when it did not commit. */
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
}

export interface StateChange {
  readonly to: ExecutionState;
  readonly envelope?: Uint8Array;
  readonly transaction?: OutboxTransaction;
  readonly reason?: string;
}

/**
 * Durable memory of executions, their outbox and processed mail. Every method is atomic and durable when it returns.
 */
export interface StateStore extends AsyncDisposable {
  /** @throws `session.invalid` when the uuid is taken */
  create(execution: Omit<Execution, "state" | "createdAtMs" | "updatedAtMs" | "transaction" | "reason">): Promise<void>;
  get(uuid: Uuid): Promise<Execution | undefined>;
  /** Moves on only from `from`, so that two processes cannot both do it. @throws `session.invalid` */
  advance(uuid: Uuid, from: ExecutionState, change: StateChange): Promise<Execution>;
  /** Oldest first; at most `limit`. */
  list(states: readonly ExecutionState[], limit?: number): Promise<readonly Execution[]>;
}
