import type { AccountAddress, Uuid } from "@p8e/core";

/** How far a party has looked after what another account may write in its name. */
export interface LeaveWatch {
  readonly grantee: AccountAddress;
  /** Blocks up to this one were looked through, or came before there was any leave. */
  readonly height: bigint;
  /** What was left of the leave then, in messages; undefined when the blocks after `height` are to be looked through. */
  readonly uses: number | undefined;
  /** Goes up when leave is given or changed: who looked before that has not seen it. */
  readonly changes: number;
}

/** A session that somebody sent to the ledger while he had this party's leave, and that this party has not approved. */
export interface UnapprovedSession {
  readonly scopeUuid: Uuid;
  readonly sessionUuid: Uuid;
  readonly writtenBy: AccountAddress;
  /** Of the block that has its transaction. */
  readonly height: bigint;
  /** Whether the ledger had the session when it was found: its transaction may have failed, or its records been replaced. */
  readonly onLedger: boolean;
  /** When it was found. */
  readonly atMs: number;
}

/** Sessions that are remembered, the newest. */
export const UNAPPROVED_MAX = 1000;

/** The durable side of looking after one's leave. Part of a party's durable state. */
export interface LeaveWatches {
  /**
   * Before leave is given or changed, and once more when it is: blocks are to be looked through from where that had come to,
   * or from `height` on where there was no leave.
   */
  begin(grantee: AccountAddress, height: bigint): Promise<void>;
  /** How far it got. Nothing when leave was given or changed meanwhile, or another process was faster. */
  reach(watch: LeaveWatch): Promise<void>;
  /** There is nothing to look after any more, unless leave was given meanwhile. */
  end(watch: LeaveWatch): Promise<void>;
  list(): Promise<readonly LeaveWatch[]>;
  /** Whether this party has ever said yes to a session. */
  isApproved(sessionUuid: Uuid): Promise<boolean>;
  /** One that is there already stays as it is. */
  addUnapproved(session: UnapprovedSession): Promise<void>;
  /** Newest first; at most `limit`, 100 unless given. */
  unapproved(limit?: number): Promise<readonly UnapprovedSession[]>;
}
