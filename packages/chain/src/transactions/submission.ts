import type { AccountAddress } from "@p8e/core";
import type { Pricing } from "./estimator.ts";
import type { TransactionCost } from "./fees.ts";
import type { OutOfGasAttempt } from "./out-of-gas.ts";
import type { LedgerSigner } from "./signer.ts";
import type { Fate } from "./tracker.ts";

/** Who signs and pays, for how much at most, and who is told on the way. */
export interface SubmitOptions {
  /** Signs, and pays unless there is a fee granter. */
  readonly signer: LedgerSigner;
  /** Where the messages need more than one signature. */
  readonly coSigners?: readonly LedgerSigner[] | undefined;
  /** An account whose fee allowance covers the signer. */
  readonly feeGranter?: AccountAddress | undefined;
  readonly memo?: string | undefined;
  readonly pricing?: Pricing | undefined;
  readonly gasAdjustment?: number | undefined;
  /** In nhash: more is not paid, what an attempt that ran out of gas took included. No limit unless given. */
  readonly feeMax?: bigint | undefined;
  /**
   * An earlier transaction with these messages that ran out of gas in its block, as the error `ledger.transaction_failed`
   * or a receipt tells of it: this one is signed with at least twice its gas limit, and no further one follows.
   */
  readonly outOfGas?: OutOfGasAttempt | undefined;
  /**
   * Called before anything is signed; throwing stops the transaction. The account's other transactions wait for it.
   * Called again before a transaction that ran out of gas is signed anew.
   */
  readonly onCost?: ((cost: TransactionCost) => void | Promise<void>) | undefined;
  /**
   * Called with the signed bytes before they are sent; throwing stops the transaction. Called again, with other bytes,
   * when the first ones turn out to be useless: the node did not admit them and never can, or they ran out of gas in a
   * block. The later ones replace the earlier.
   */
  readonly onSigned?: ((signed: SignedTransaction) => void | Promise<void>) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** A transaction that is signed and can be sent. */
export interface SignedTransaction {
  /** Upper-case hex; the transaction's name on the chain. */
  readonly hash: string;
  /** What to keep, and to hand to `broadcast` after a crash. */
  readonly bytes: Uint8Array;
  readonly cost: TransactionCost;
  /** The newest block when it was signed: none up to it can include it … */
  readonly notBefore: bigint;
  /** … nor any after this one. */
  readonly timeoutHeight: bigint;
}

/** A transaction that the node has, or may have. */
export interface SentTransaction {
  readonly signed: Pick<SignedTransaction, "hash" | "timeoutHeight" | "cost">;
  readonly sequence: bigint;
  /** Followed in the background, whether or not anybody waits. */
  readonly fate: Promise<Fate>;
}

/** The lane is held until this is sent or released. */
export interface HeldTransaction {
  readonly signed: SignedTransaction;
  send(signal?: AbortSignal): Promise<SentTransaction>;
  release(): void;
}
