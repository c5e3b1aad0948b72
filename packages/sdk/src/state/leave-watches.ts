import type { AccountAddress, Uuid } from "@p8e/core";

/** How far a party has looked after what another account may write in its name. */
export interface LeaveWatch {
  readonly grantee: AccountAddress;
  /** Blocks up to this one were looked through, or came before there was any leave, or cannot have used any. */
  readonly height: bigint;
  /** Of the block that has the last change of the leave; a node that has not come to it does not know what is left. */
  readonly changedHeight: bigint;
  /** What was left of the leave, in messages, when it was given or last looked after; undefined when nobody knows. */
  readonly uses: number | undefined;
  /** Messages of `uses` that were found since: what should be left now is so much less. */
  readonly explained: number;
  /** Goes up when leave is given or changed: who looked before that has not seen it. */
  readonly changes: number;
}

/** Something that another account may have used this party's leave for, and that this party has not approved. */
export interface UnapprovedUse {
  /**
   * What it sent to the ledger while it had leave. Undefined where nothing but what is left of the leave tells that it was
   * used, or where what was sent cannot be read here.
   */
  readonly session: UnapprovedSession | undefined;
  readonly writtenBy: AccountAddress;
  /** Of the block that has its transaction or, where nobody knows that, of the one up to which was looked. */
  readonly height: bigint;
  /** When it was found. */
  readonly atMs: number;
}

/** A session that somebody sent to the ledger while he had this party's leave, and that this party has not approved. */
export interface UnapprovedSession {
  readonly scopeUuid: Uuid;
  readonly sessionUuid: Uuid;
  /** Whether the ledger had the session when it was found: its transaction may have failed, or its records been replaced. */
  readonly onLedger: boolean;
}

/** A change of leave that is on the ledger. */
export interface LeaveChange extends Pick<LeaveWatch, "grantee" | "height" | "changes"> {
  readonly uses: number;
}

/** Uses that are remembered of one account, the newest. */
export const UNAPPROVED_MAX = 100;

/** The durable side of looking after one's leave. Part of a party's durable state. */
export interface LeaveWatches {
  /**
   * Before leave is given or changed: blocks are to be looked through from where that had come to, or from `height` on where
   * there was no leave; what is left of it nobody knows until {@link given}.
   * @returns the watch's `changes` now
   */
  begin(grantee: AccountAddress, height: bigint): Promise<number>;
  /**
   * When leave was given or changed: in which block, for how many messages, and what {@link begin} returned. If another
   * process has begun meanwhile, its change may be the later one, and nobody knows what is left.
   */
  given(change: LeaveChange): Promise<void>;
  /**
   * How far it got, what was found on the way, and which executions have explained their leave by it. Nothing when leave was given or changed meanwhile, or another process was
   * faster: then what was found is found again.
   */
  reach(watch: LeaveWatch, found?: readonly UnapprovedUse[], explained?: readonly Uuid[]): Promise<void>;
  /** Whether what an execution used of the leave is counted already. */
  hasExplained(execution: Uuid): Promise<boolean>;
  /** There is nothing to look after any more, unless leave was given meanwhile. */
  end(watch: LeaveWatch): Promise<void>;
  list(): Promise<readonly LeaveWatch[]>;
  /** The request for a session that this party has ever said yes to. */
  approvalOf(session: { readonly scopeUuid: Uuid; readonly sessionUuid: Uuid }): Promise<Uuid | undefined>;
  /** Newest first; at most `limit`, 100 unless given. */
  unapproved(limit?: number): Promise<readonly UnapprovedUse[]>;
  /** Of one account, the newest. */
  newestUnapprovedOf(writtenBy: AccountAddress): Promise<UnapprovedUse | undefined>;
  /** Those that nobody was told of, oldest first, 100 at most. */
  untold(): Promise<readonly UnapprovedUse[]>;
  noteTold(use: UnapprovedUse): Promise<void>;
}
