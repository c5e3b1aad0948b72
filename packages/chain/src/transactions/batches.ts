import { type AccountAddress, hasCode, P8eError } from "@p8e/core";
import type { ChainClient } from "../chain-client.ts";
import type { LedgerMessage } from "../messages/ledger-message.ts";
import { type Amount, GAS_LIMIT_MAX, type TransactionCost } from "./fees.ts";
import { canHaveMore, requireWithinCeiling } from "./out-of-gas.ts";
import type { TransactionReceipt } from "./receipt.ts";
import type { LedgerSigner } from "./signer.ts";
import type { SignedTransaction } from "./submission.ts";

/** Messages that are written together or not at all, and of what they are. Groups do not need one another. */
export interface MessageGroup<T> {
  readonly of: T;
  readonly messages: readonly LedgerMessage[];
}

/** Groups that go in one transaction, and what it costs at most. */
export interface Batch<T> {
  readonly groups: readonly MessageGroup<T>[];
  readonly cost: TransactionCost;
}

/** A group that the ledger does not take, and why. */
export interface RefusedGroup<T> {
  readonly group: MessageGroup<T>;
  readonly error: P8eError;
}

/** Transactions for groups of messages, tried by the node; nothing is sent yet. */
export interface BatchPlan<T> {
  readonly batches: readonly Batch<T>[];
  readonly refused: readonly RefusedGroup<T>[];
}

/** Who signs and pays, and how much goes into one transaction. */
export interface BatchOptions {
  readonly signer: LedgerSigner;
  /** An account whose fee allowance covers the signer. */
  readonly feeGranter?: AccountAddress | undefined;
  /** In nhash: what one transaction may cost at most. */
  readonly feeMax?: bigint | undefined;
  /** What a transaction may cost at most for each group in it, in every coin: groups for which more is asked are refused. */
  readonly agreed?: readonly Amount[] | undefined;
  /** The bytes of messages in one transaction; 250,000 unless given. A group that has more is refused. */
  readonly bytesMax?: number | undefined;
  /**
   * Called with the groups that a transaction is for and its signed bytes, before they are sent; throwing stops all of it.
   * Called again for a group when a transaction with it can never do anything and another is made.
   */
  readonly onSigned?:
    | ((groups: readonly MessageGroup<unknown>[], signed: SignedTransaction) => Promise<void>)
    | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Of the gas that one transaction may have, each byte takes 10, and writing it some more (Provenance 1.30). */
const BYTES_MAX = 250_000;

/**
 * Splits groups over as few transactions as size, gas and fee allow. A group that the ledger refuses is set aside with its
 * reason and fails none of the others.
 * @throws when the node cannot be asked
 */
export async function planBatches<T>(
  chain: Pick<ChainClient, "estimate">,
  groups: readonly MessageGroup<T>[],
  options: BatchOptions,
): Promise<BatchPlan<T>> {
  const { signer, feeGranter, feeMax, agreed, bytesMax = BYTES_MAX, signal } = options;
  const batches: Batch<T>[] = [];
  const refused: RefusedGroup<T>[] = [];
  const place = async (some: readonly MessageGroup<T>[]): Promise<void> => {
    const [first] = some;
    if (first === undefined) return;
    try {
      requireSize(some, bytesMax);
      const cost = await chain.estimate(messagesOf(some), [signer], { feeGranter, signal });
      requireWithinCeiling(cost, feeMax);
      requireAgreed(some, cost, agreed);
      requireRoomForGas(some, cost);
      batches.push({ groups: some, cost });
    } catch (error) {
      if (!isOfTheMessages(error)) throw error;
      if (some.length === 1) {
        refused.push({ group: first, error: P8eError.from(error) });
        return;
      }
      for (const half of halvesOf(some)) await place(half);
    }
  };
  await place(groups);
  return { batches, refused };
}

/** What became of a group. */
export type BatchOutcome<T> =
  | { readonly group: MessageGroup<T>; readonly receipt: TransactionReceipt }
  | RefusedGroup<T>;

/**
 * Sends the batches of a plan one after the other, each at no more than its price, and tells of each group as it is known.
 * Where a transaction of several groups is refused or fails, because the ledger or its prices have changed since, each half
 * of them is planned anew by itself, at the price of then and within `feeMax` and `agreed`.
 * @throws when it is not known what became of a transaction, or the node cannot be asked
 */
export async function* writeBatches<T>(
  chain: Pick<ChainClient, "estimate" | "submit">,
  plan: BatchPlan<T>,
  options: BatchOptions,
): AsyncGenerator<BatchOutcome<T>, void, undefined> {
  yield* plan.refused;
  for (const batch of plan.batches) {
    try {
      yield* await written(chain, batch, options);
    } catch (error) {
      if (!isOfTheMessages(error)) throw error;
      if (batch.groups.length === 1) {
        yield { group: batch.groups[0] as MessageGroup<T>, error: P8eError.from(error) };
        continue;
      }
      for (const half of halvesOf(batch.groups)) {
        yield* writeBatches(chain, await planBatches(chain, half, options), options);
      }
    }
  }
}

async function written<T>(
  chain: Pick<ChainClient, "submit">,
  { groups, cost }: Batch<T>,
  { signer, feeGranter, feeMax, agreed, onSigned, signal }: BatchOptions,
): Promise<readonly BatchOutcome<T>[]> {
  const receipt = await chain.submit(messagesOf(groups), {
    ...{ signer, feeGranter, feeMax, signal },
    onCost: (wanted) => {
      requireAtMost(wanted, cost.amounts, "the transaction costs more than when it was planned");
      // A caller may have taken groups out since.
      requireAgreed(groups, wanted, agreed);
    },
    onSigned: (signed) => onSigned?.(groups, signed),
  });
  return groups.map((group) => ({ group, receipt }));
}

function halvesOf<T>(some: readonly T[]): readonly (readonly T[])[] {
  const half = Math.ceil(some.length / 2);
  return [some.slice(0, half), some.slice(half)];
}

function messagesOf<T>(groups: readonly MessageGroup<T>[]): readonly LedgerMessage[] {
  return groups.flatMap(({ messages }) => messages);
}

/** The ledger has an answer, and the messages are why; nothing of them was written. */
function isOfTheMessages(error: unknown): boolean {
  return hasCode(
    error,
    ...(["ledger.transaction_refused", "ledger.transaction_failed", "ledger.fee_ceiling", "input.too_large"] as const),
  );
}

function requireAgreed(groups: readonly unknown[], cost: TransactionCost, agreed: BatchOptions["agreed"]): void {
  if (agreed === undefined) return;
  const together = agreed.map(({ denomination, amount }) => ({ denomination, amount: amount * BigInt(groups.length) }));
  requireAtMost(cost, together, "the ledger wants more for the messages than was agreed");
}

/** @throws `ledger.fee_ceiling` if in any coin more is wanted than this */
function requireAtMost({ amounts }: Pick<TransactionCost, "amounts">, most: readonly Amount[], message: string): void {
  for (const { denomination, amount } of amounts) {
    const feeMax = most.find((each) => each.denomination === denomination)?.amount ?? 0n;
    if (amount > feeMax)
      throw new P8eError("ledger.fee_ceiling", message, { facts: { fee: amount, feeMax, denomination } });
  }
}

function requireSize<T>(groups: readonly MessageGroup<T>[], limit: number): void {
  const size = messagesOf(groups).reduce((sum, { value, typeUrl }) => sum + value.length + typeUrl.length, 0);
  if (size <= limit) return;
  throw new P8eError("input.too_large", "the messages are more than one transaction takes", { facts: { size, limit } });
}

/**
 * A block takes more gas than the trial of a transaction: what has no room for more runs out of it there, after some of the
 * fee is gone.
 */
function requireRoomForGas(groups: readonly unknown[], { gasLimit }: TransactionCost): void {
  if (groups.length === 1 || canHaveMore(gasLimit)) return;
  throw new P8eError("input.too_large", "the messages may need more gas than one transaction can have", {
    facts: { gasLimit, limit: GAS_LIMIT_MAX },
  });
}
