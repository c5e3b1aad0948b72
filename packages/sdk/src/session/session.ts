import type { LedgerMessage, TransactionCost, TransactionReceipt } from "@p8e/chain";
import type { AnyContract, Proposals } from "@p8e/contract";
import type {
  AccountAddress,
  ContentHash,
  Role,
  ScopeAddress,
  ScopeSpecificationAddress,
  SessionAddress,
  Uuid,
} from "@p8e/core";
import type { PassedResult, SkippedResult } from "@p8e/engine";
import type * as scope from "@p8e/proto/scope";
import type { NeededSignature } from "../agreement/needed-signatures.ts";
import type { Affiliate } from "./affiliate.ts";
import type { FoundContract } from "./find-contract.ts";
import type { PackagedSession } from "./package-session.ts";

/**
 * A session on its way: asked for, prepared, executed, priced, memorialized. Each stage is a type of its own that only
 * the step before it makes, so that nothing can be stored or written that has not run and whose price is not known.
 */

/** Where a session's records go. */
export type SessionScope =
  | { readonly kind: "new"; readonly uuid?: Uuid; readonly specification: ScopeSpecificationAddress }
  | { readonly kind: "existing"; readonly address: ScopeAddress };

/**
 * What may be proposed, by input name: messages of the contract's own types when it was found by its definition, else
 * each message's serialized bytes. What its class is called on the ledger follows from the contract.
 */
export type ProposalsTo<C> = C extends AnyContract ? Proposals<C> : Readonly<Record<string, Uint8Array>>;

/** What is asked for. */
export interface NewSession<C = undefined> {
  /** As `Sessions.find` found it, for scopes of this kind. */
  readonly contract: FoundContract<C>;
  readonly scope: SessionScope;
  readonly participants: ReadonlyMap<Role, Affiliate>;
  readonly proposals: ProposalsTo<C>;
  /** Who else may read, now and from the ledger on. */
  readonly dataAccess?: readonly Affiliate[];
  /** Milliseconds since 1970: when it is too late for others to sign. 24 hours from now when absent, 30 days at most. */
  readonly deadlineMs?: number;
  /** A fresh one when absent. */
  readonly sessionUuid?: Uuid;
}

/** Not exported from the package: only its steps make stages. */
declare const stage: unique symbol;

/** Checked completely; nothing stored, nothing run. */
export interface PreparedSession {
  readonly [stage]: "prepared";
  readonly contract: FoundContract<unknown>;
  readonly packaged: PackagedSession;
  readonly executionUuid: Uuid;
}

/** Run and signed by this party; nothing stored yet. */
export interface ExecutedSession {
  readonly [stage]: "executed";
  readonly prepared: PreparedSession;
  readonly results: readonly (PassedResult | SkippedResult)[];
  readonly envelope: scope.Envelope;
  /** Who must sign beside this party, and with what leave; nobody in a session that it signs alone. */
  readonly others: readonly OtherSigner[];
  /** Of a session that it signs alone; where others sign, theirs belongs to it. */
  readonly evidence: { readonly hash: ContentHash; readonly bytes: Uint8Array };
  readonly messages: readonly LedgerMessage[];
}

/** Somebody whose signature is needed. */
export interface OtherSigner extends NeededSignature {
  readonly affiliate: Affiliate;
}

/** Priced: by the node, which has tried the messages, or where others must sign first by its list. Nothing stored yet. */
export interface PricedSession {
  readonly [stage]: "priced";
  readonly executed: ExecutedSession;
  /** The most that memorializing will cost. */
  readonly cost: TransactionCost;
  /** Whose fee allowance pays; this party itself when absent. */
  readonly feeGranter: AccountAddress | undefined;
}

/** On the ledger. */
export interface MemorializedSession {
  readonly executionUuid: Uuid;
  readonly scope: ScopeAddress;
  readonly session: SessionAddress;
  readonly receipt: TransactionReceipt;
}

/** A value as a stage; for the steps alone. */
export function asStage<S extends PreparedSession | ExecutedSession | PricedSession>(value: Omit<S, typeof stage>): S {
  return value as S;
}

/** What a session on its way tells its caller, and how it is stopped; what is durable by then is completed by `resume`. */
export interface SessionOptions {
  readonly signal?: AbortSignal | undefined;
  /** What it costs now, never more than the session's price; told before anything is signed for the ledger. */
  readonly onCost?: (cost: TransactionCost) => void | Promise<void>;
  /** Objects stored so far, of how many. */
  readonly onShared?: (state: { readonly done: number; readonly total: number }) => void;
}
