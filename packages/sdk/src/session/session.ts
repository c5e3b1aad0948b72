import type { LedgerMessage, TransactionCost, TransactionReceipt } from "@p8e/chain";
import type { ContentHash, Role, ScopeAddress, ScopeSpecificationAddress, SessionAddress, Uuid } from "@p8e/core";
import type { PassedResult, SkippedResult } from "@p8e/engine";
import type { scope } from "@p8e/proto";
import type { Affiliate } from "./affiliate.ts";
import type { FoundContract } from "./find-contract.ts";
import type { PackagedSession, Proposal } from "./package-session.ts";

// A session on its way: asked for, prepared, executed, memorialized.

export interface NewSession {
  /** Class name, or address of the contract specification. */
  readonly contract: string;
  readonly scope:
    | { readonly kind: "new"; readonly uuid?: Uuid; readonly specification: ScopeSpecificationAddress }
    | { readonly kind: "existing"; readonly address: ScopeAddress };
  readonly participants: ReadonlyMap<Role, Affiliate>;
  readonly proposals: ReadonlyMap<string, Proposal>;
  /** Who else may read, now and from the ledger on. */
  readonly dataAccess?: readonly Affiliate[];
  readonly sessionUuid?: Uuid;
}

/** Checked completely; nothing stored, nothing run. */
export interface PreparedSession {
  readonly contract: FoundContract;
  readonly packaged: PackagedSession;
  readonly executionUuid: Uuid;
}

/** Run and signed by this party; nothing stored yet. */
export interface ExecutedSession {
  readonly prepared: PreparedSession;
  readonly results: readonly (PassedResult | SkippedResult)[];
  readonly envelope: scope.Envelope;
  readonly evidence: { readonly hash: ContentHash; readonly bytes: Uint8Array };
  readonly messages: readonly LedgerMessage[];
}

export interface MemorializedSession {
  readonly executionUuid: Uuid;
  readonly scope: ScopeAddress;
  readonly session: SessionAddress;
  readonly receipt: TransactionReceipt;
}

export interface SessionOptions {
  readonly signal?: AbortSignal;
  /** Before anything is signed for the ledger; throwing stops it there. */
  readonly onCost?: (cost: TransactionCost) => void | Promise<void>;
  /** Objects stored so far, of how many. */
  readonly onShared?: (state: { readonly done: number; readonly total: number }) => void;
}
