import { type ChainHead, transactionHashes } from "../endpoint/chain-head.ts";
import type { TransactionReceipt } from "./receipt.ts";

/** A transaction that was signed, and that some block may or may not have. */
export interface SignedBefore {
  /** Upper-case hex. */
  readonly hash: string;
  /** The newest block when it was signed: no earlier one can have it. */
  readonly notBefore: bigint;
  /** The last block that may have it. */
  readonly timeoutHeight: bigint;
}

/** Where a transaction stands: in a block and a success, not in one yet, or never to be in one. `height` is the newest block's. */
export type TransactionStanding =
  | { readonly standing: "included"; readonly receipt: TransactionReceipt }
  | { readonly standing: "pending" | "expired"; readonly height: bigint };

/**
 * The block that has a transaction, among those that can and that the node has shown; undefined when none of them does.
 * @throws `ledger.unavailable` and the like when a block cannot be read
 */
export async function blockOf(
  { hash, notBefore, timeoutHeight }: SignedBefore,
  newest: bigint,
  head: ChainHead,
  signal: AbortSignal | undefined,
): Promise<bigint | undefined> {
  const last = newest < timeoutHeight ? newest : timeoutHeight;
  for (let height = notBefore > 0n ? notBefore : 1n; height <= last; height += 1n) {
    if (transactionHashes(await head.block(height, { signal })).includes(hash)) return height;
  }
  return undefined;
}
