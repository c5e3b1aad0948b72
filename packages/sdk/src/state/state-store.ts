import type { Amount } from "@p8e/chain";
import type { AccountAddress, ContentHash, ScopeSpecificationAddress, Uuid } from "@p8e/core";
import type { Quarantine } from "../mailbox-loop/quarantine.ts";
import type { AgreementStore } from "./agreement-store.ts";
import type { Execution, ExecutionState, OutboxTransaction, StateOrigin } from "./execution.ts";
import type { LeaveWatches } from "./leave-watches.ts";
import type { SourceMaps } from "./source-maps.ts";

/** An execution that begins; the rest of it the store knows or is yet to come. */
export interface NewExecution extends Pick<Execution, "uuid" | "scopeUuid" | "sessionUuid" | "contract" | "envelope"> {
  readonly price: readonly Amount[];
  readonly feeGranter?: AccountAddress | undefined;
  /** The row of a tape that it is for. */
  readonly row?: TapeRow | undefined;
}

/** A row of a tape, by what it is called there: of one kind of scope and one contract it is written once. */
export interface TapeRow {
  readonly specification: ScopeSpecificationAddress;
  /** The contract's class name. */
  readonly contract: string;
  /** What the tape calls it. */
  readonly name: string;
  /** Of the values that it proposes. */
  readonly content: ContentHash;
}

/** What became of a row: the execution that took it on, and of what values. */
export interface TakenRow {
  readonly content: ContentHash;
  readonly execution: Execution;
}

/** What changes with a step; what is absent stays as it was. */
export interface StateChange {
  readonly to: ExecutionState;
  readonly envelope?: Uint8Array;
  readonly transaction?: OutboxTransaction;
  readonly reason?: string;
}

/** A step of one execution. */
export interface ExecutionMove {
  readonly uuid: Uuid;
  readonly from: ExecutionState;
  readonly change: StateChange;
}

/**
 * Durable memory of one party's executions and their outbox. Every method is atomic and durable when it returns, and any
 * number of processes may use one memory at a time: an execution that is not at its end has at most one **owner**, the
 * open store that created or claimed it, and only that one moves it on. An owner that was closed or whose process has
 * ended, however it ended, owns nothing; one that lives keeps what it has, however long it takes. How a store knows that
 * an owner lives is its own affair: a lock that the kernel keeps, a database session, a lease.
 *
 * All methods throw `state.newer` when a newer p8e has meanwhile taken the memory over, `state.corrupt` when it cannot
 * be read.
 */
export interface StateStore extends AsyncDisposable {
  readonly origin: StateOrigin;
  /** Sessions that several parties sign. */
  readonly agreements: AgreementStore;
  /** Mail that was set aside. */
  readonly quarantine: Quarantine;
  /** What others may write in this party's name, and what they have. */
  readonly leaveWatches: LeaveWatches;
  /** Of the contracts that this party published. */
  readonly sourceMaps: SourceMaps;
  /** The caller becomes the owner. @throws `state.conflict` when the uuid is taken */
  create(execution: NewExecution): Promise<void>;
  /**
   * Several at once, all durable together. One whose tape row another execution has that is written, or may yet be, is left
   * out.
   * @returns those that were left out
   * @throws `state.conflict` when a uuid is taken; then none is there
   */
  createAll(executions: readonly NewExecution[]): Promise<readonly Uuid[]>;
  /** Undefined when there is no such execution. */
  get(uuid: Uuid): Promise<Execution | undefined>;
  /**
   * Moves an own execution on from `from`; at its end it has no owner any more.
   * @throws `session.invalid` for a step that no execution takes; `state.conflict` when it is elsewhere or another's
   */
  advance(uuid: Uuid, from: ExecutionState, change: StateChange): Promise<Execution>;
  /** The same of several at once: all of them, or none. @throws as {@link advance} */
  advanceAll(moves: readonly ExecutionMove[]): Promise<void>;
  /** The execution that took a tape's row on last; undefined when none has. */
  takenRow(row: Omit<TapeRow, "content">): Promise<TakenRow | undefined>;
  /** Oldest first; at most `limit`, 1000 unless given. */
  list(states: readonly ExecutionState[], limit?: number): Promise<readonly Execution[]>;
  /** The execution that wrote a session; undefined when this party does not remember any that did. */
  committedIn(session: Uuid): Promise<Execution | undefined>;
  /**
   * Executions that are not at their end, wait for nobody else, and that nobody living owns, oldest first; at most `limit`,
   * 1000 unless given.
   */
  abandoned(limit?: number): Promise<readonly Execution[]>;
  /** Becomes the owner of an abandoned execution; undefined when another was faster, or there is nothing left to do. */
  claim(uuid: Uuid): Promise<Execution | undefined>;
  /** Gives an own execution up: whoever claims it next may have it. */
  release(uuid: Uuid): Promise<void>;
}
