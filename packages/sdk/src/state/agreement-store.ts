import type { AccountAddress, Uuid } from "@p8e/core";
import type { PublicKey } from "@p8e/crypto";
import type { MailType } from "@p8e/envelope";
import type { Agreement, SigningParty } from "../agreement/agreement.ts";
import type { SignedMail } from "../agreement/agreement-mail.ts";
import type { Approval, ApprovalState } from "../agreement/approval.ts";
import type { Consent } from "../agreement/consent.ts";
import type { JvmRequest } from "../agreement/jvm-request.ts";
import type { ExecutionState } from "./execution.ts";

/** A step of an execution or of a request, as it is remembered. */
export interface Transition {
  /** Of an own execution, or of another's that asks for this party's signature. */
  readonly side: "invoker" | "approver";
  /** Undefined for the first. */
  readonly from: string | undefined;
  readonly to: string;
  readonly atMs: number;
  /** Whose doing it was. */
  readonly actor: AccountAddress;
  readonly cause: string;
}

/** A mail that must go out. */
export interface NewMail {
  readonly execution: Uuid;
  readonly type: MailType;
  readonly content: Uint8Array;
  /** Encryption keys of those it is for. */
  readonly readers: readonly PublicKey[];
}

/** A mail that must go out, and has not, as far as is known. */
export interface OutgoingMail extends NewMail {
  readonly id: number;
}

/** Who did it, and why. Without an actor it is this party. */
interface Doing {
  readonly actor?: AccountAddress | undefined;
  readonly cause: string;
  readonly reason?: string | undefined;
}

/** An execution that was created becomes an agreement; nobody works on it then but who receives mail. */
export interface AgreementBegin {
  readonly uuid: Uuid;
  readonly deadlineMs: number;
  readonly request: SignedMail;
  readonly signers: readonly SigningParty[];
}

/** A change of an agreement that was seen at `revision`. */
export interface AgreementChange extends Doing {
  readonly uuid: Uuid;
  readonly revision: number;
  readonly from: ExecutionState;
  readonly to: ExecutionState;
  readonly signers?: readonly SigningParty[] | undefined;
  /** With all signatures. */
  readonly envelope?: Uint8Array | undefined;
  readonly told?: true | undefined;
  readonly sendings?: number | undefined;
}

/** A change of a request that was seen at `revision`. */
export interface ApprovalChange extends Doing {
  readonly uuid: Uuid;
  readonly revision: number;
  readonly from: ApprovalState;
  readonly to: ApprovalState;
  readonly answer?: Uint8Array | undefined;
  /** A person's yes; of one who has said so before, the last stays. */
  readonly consent?: Omit<Consent, "atMs"> | undefined;
  readonly granted?: boolean | undefined;
}

/** What is remembered together, or not at all. */
export interface AgreementCommit {
  /** The mail that it is the effect of; one that was received before changes nothing. */
  readonly received?: Uuid | undefined;
  readonly begin?: AgreementBegin | undefined;
  readonly agreement?: AgreementChange | undefined;
  readonly request?: Omit<Approval, "state" | "granted" | "receivedAtMs" | "updatedAtMs" | "revision"> | undefined;
  readonly approval?: ApprovalChange | undefined;
  /** One that is there already is `state.conflict`. */
  readonly jvmRequest?: Pick<JvmRequest, "uuid" | "invoker" | "request"> | undefined;
  /** One that is no longer open is `state.conflict`. */
  readonly jvmRejected?: { readonly uuid: Uuid; readonly reason: string } | undefined;
  readonly outgoing?: readonly NewMail[] | undefined;
}

/**
 * Durable memory of sessions that several parties sign: of own ones, of those that others ask this party to sign, and of
 * mail. Part of a party's {@link StateStore}, and as durable.
 */
export interface AgreementStore {
  /**
   * All of it in one transaction.
   * @returns false when the mail was received before: then nothing is changed
   * @throws `state.conflict` when somebody else was faster, or works on the execution; `session.invalid` for a step that
   *   there is not
   */
  commit(commit: AgreementCommit): Promise<boolean>;
  /** Undefined when no others sign this execution, or there is none. */
  agreement(uuid: Uuid): Promise<Agreement | undefined>;
  /** Those that are not over or, with `all`, every one; oldest first, at most `limit`, 1000 unless given. */
  agreements(all: boolean, limit?: number): Promise<readonly Agreement[]>;
  /** With something left to do, telling included, oldest first; at most `limit`, 1000 unless given. */
  openAgreements(limit?: number): Promise<readonly Agreement[]>;
  /** Undefined when nobody asked. */
  approval(uuid: Uuid): Promise<Approval | undefined>;
  /** Oldest first; at most `limit`, 1000 unless given. Those that may have a grant on the ledger are always among them. */
  approvals(states: readonly ApprovalState[], limit?: number): Promise<readonly Approval[]>;
  /** Undefined when no party of the JVM's SDK asked. */
  jvmRequest(uuid: Uuid): Promise<JvmRequest | undefined>;
  /** Those that wait, or every one; oldest first, at most `limit`, 1000 unless given. */
  jvmRequests(all: boolean, limit?: number): Promise<readonly JvmRequest[]>;
  /** Of people, to a request; whether they hold, who asks must see. */
  consents(uuid: Uuid): Promise<readonly Consent[]>;
  /** How often a step had this cause, on one side, since a time. */
  countSteps(side: Transition["side"], cause: string, sinceMs: number): Promise<number>;
  wasReceived(mail: Uuid): Promise<boolean>;
  /** Oldest first. */
  outgoing(limit?: number): Promise<readonly OutgoingMail[]>;
  noteSent(ids: readonly number[]): Promise<void>;
  /** Of an execution, own or another's, from the first on. */
  transitions(uuid: Uuid): Promise<readonly Transition[]>;
}
