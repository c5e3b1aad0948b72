import { type Clock, hasCode, isP8eError, jittered, mapAtMost, P8eError, type RandomBytes } from "@p8e/core";
import type * as cosmos from "@p8e/proto/cosmos";
import { type Block, type ChainHead, transactionHashes } from "../endpoint/chain-head.ts";
import type { NodeEndpoint } from "../endpoint/endpoint.ts";
import type { BroadcastReply } from "./sequence-lane.ts";

/**
 * Follows sent transactions until their fate is certain.
 *
 * One loop looks at the newest block for all of them, about twice a block. A transaction seen in a block is looked up
 * once for its result; blocks that passed between two looks are made up for by looking up each transaction (or, where
 * the node keeps no index of transactions, by reading those blocks). A transaction that stays away is sent again, the
 * same bytes: a restarted node has forgotten its pool.
 *
 * It is over when the chain's height has passed the transaction's timeout height, or when the account has used its
 * sequence for another transaction. That is said only after every block that could hold it has been read, one by one:
 * an index can lag and, after a crash, lack blocks, and behind one address there may be several nodes at different
 * heights, but a block at a height is the same on all of them.
 */

/** A sent transaction, as far as following it needs. */
export interface Tracked {
  readonly hash: string;
  readonly bytes: Uint8Array;
  readonly timeoutHeight: bigint;
  /** Of the first signer. */
  readonly address: string;
  readonly sequence: bigint;
  /** No block up to this one can hold it. Absent: it may be from an earlier run. */
  readonly notBefore?: bigint;
}

/** What became of a transaction, for certain. */
export type Fate =
  /** `response` is absent where the node gives no results: the block proves inclusion and nothing else. */
  | {
      readonly fate: "included";
      readonly height: bigint;
      readonly response: cosmos.abci.TxResponse | undefined;
    }
  | { readonly fate: "expired"; readonly height: bigint }
  /** Another transaction of the account has its sequence. */
  | { readonly fate: "superseded" };

/** What a tracker works with. */
export interface TrackerOptions {
  readonly node: NodeEndpoint;
  readonly head: ChainHead;
  readonly clock: Clock;
  readonly random: RandomBytes;
  /** From the node's description of itself; a failing look-up corrects it. */
  readonly indexed: boolean;
  /** The result of a transaction in the block at that height, for nodes without an index. */
  readonly result?: (height: bigint, hash: string, signal: AbortSignal) => Promise<cosmos.abci.TxResponse>;
  readonly broadcast: (bytes: Uint8Array, signal: AbortSignal) => Promise<BroadcastReply>;
  /** The account's sequence as of the block at that height. */
  readonly committedSequence: (address: string, height: bigint, signal: AbortSignal) => Promise<bigint>;
}

interface Pending {
  readonly tracked: Tracked;
  readonly end: PromiseWithResolvers<Fate>;
  /** Blocks up to this one need no look any more, but for a conclusion. */
  checked: bigint | undefined;
  /** Every block up to this one has been read and does not hold it. */
  read: bigint | undefined;
  /** Where it was seen in a block whose result is not known yet. */
  seenAt: bigint | undefined;
  /** When it was last sent, and when last looked up whatever its blocks showed. */
  offeredAt: number;
  lookedAt: number;
  /** The height at which another transaction has its sequence. */
  supersededAt: bigint | undefined;
  /** Looks into the index that found nothing, and questions for its result that failed, although it is in a block. */
  looksAfterSeen: number;
  failedResults: number;
  /** Since when it can only be concluded that it is over, and how many looks found nothing since. */
  overSince: number | undefined;
  looksSinceOver: number;
}

const POLL_MS = { first: 40, growth: 1.5, most: 2500 } as const;
const PATIENCE_MS_MIN = 1000;
/** How far back a transaction of an earlier run is searched in the blocks. */
const BLOCKS_BACK_MAX = 1000n;
const LOOKUPS_AT_ONCE = 8;
/** A node that fails at look-ups as often as that in a row is followed by its blocks. */
const FAILED_LOOK_UPS_MAX = 20;
/** A node that is away for longer is not waited for. */
const AWAY_MS_MAX = 60_000;
/** An index that has nothing of a block by then does not keep it. */
const LOOKS_AFTER_SEEN_MAX = 20;
const FAILED_RESULTS_MAX = 20;

/** Follows sent transactions, all in one loop that rests while there are none. */
export class TransactionTracker implements AsyncDisposable {
  readonly #options: TrackerOptions;
  readonly #pending = new Map<string, Pending>();
  readonly #closed = new AbortController();
  #indexed: boolean;
  #failedLookUps = 0;
  #loop: Promise<void> | undefined;

  constructor(options: TrackerOptions) {
    this.#options = options;
    this.#indexed = options.indexed;
  }

  /** Whether the node keeps an index of transactions, as far as seen. */
  get indexed(): boolean {
    return this.#indexed;
  }

  /**
   * Resolves when the fate is certain, however many blocks that takes. Rejects with `ledger.unavailable` when the node
   * has been away for a minute, and with `rpc.cancelled` on disposal: then the fate is open.
   */
  follow(tracked: Tracked): Promise<Fate> {
    if (this.#closed.signal.aborted) return Promise.reject(closed());
    const known = this.#pending.get(tracked.hash);
    if (known !== undefined) return known.end.promise;
    const end = Promise.withResolvers<Fate>();
    this.#pending.set(tracked.hash, {
      tracked,
      end,
      checked: tracked.notBefore,
      read: tracked.notBefore,
      seenAt: undefined,
      offeredAt: this.#options.clock.now(),
      lookedAt: this.#options.clock.now(),
      supersededAt: undefined,
      looksAfterSeen: 0,
      failedResults: 0,
      overSince: undefined,
      looksSinceOver: 0,
    });
    this.#loop ??= this.#run();
    return end.promise;
  }

  /**
   * The transaction as the node's index has it; undefined when it does not have it or keeps none.
   * @throws `ledger.unavailable`, `rpc.deadline` and other failures of the call
   */
  async find(hash: string, signal?: AbortSignal): Promise<cosmos.tx.GetTxResponse | undefined> {
    if (!this.#indexed) return undefined;
    const { node } = this.#options;
    try {
      const found = await node.ask((call) => node.transactions.getTx({ hash }, call), signal ? { signal } : {});
      this.#failedLookUps = 0;
      return found;
    } catch (error) {
      const code = isP8eError(error) ? error.code : undefined;
      if (code === "ledger.not_found") return undefined;
      if (code === "rpc.failed") this.#failedLookUps += 1;
      if (!saysNoIndex(error) && this.#failedLookUps < FAILED_LOOK_UPS_MAX) throw error;
      this.#indexed = false;
      return undefined;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed.abort();
    this.#abandon(closed());
    await this.#loop;
  }

  async #run(): Promise<void> {
    const { clock, head, random } = this.#options;
    const { signal } = this.#closed;
    let wait: number = POLL_MS.first;
    let reachedAt = clock.now();
    while (this.#pending.size > 0 && !signal.aborted) {
      try {
        await clock.sleep(jittered(wait, random), signal);
        wait = Math.min(wait * POLL_MS.growth, Math.max(head.blockTimeMs / 2, POLL_MS.first), POLL_MS.most);
        const newest = await head.poll({ signal });
        reachedAt = clock.now();
        await this.#look(newest);
      } catch (cause) {
        wait = Math.min(wait * 2, POLL_MS.most);
        if (clock.now() - reachedAt > AWAY_MS_MAX) this.#abandon(away(cause));
      }
    }
    this.#loop = undefined;
  }

  async #look(newest: Block): Promise<void> {
    const inNewest = new Set(transactionHashes(newest));
    // One that cannot be looked at is no reason not to look at the others.
    const failures: unknown[] = [];
    await mapAtMost(LOOKUPS_AT_ONCE, [...this.#pending.values()], (pending) =>
      this.#check(pending, newest.height, inNewest).catch((error: unknown) => void failures.push(error)),
    );
    if (failures.length > 0) throw failures[0];
  }

  async #check(pending: Pending, height: bigint, inNewest: ReadonlySet<string>): Promise<void> {
    const { clock } = this.#options;
    const { hash, timeoutHeight } = pending.tracked;
    if (inNewest.has(hash)) pending.seenAt = height;
    else if (pending.read !== undefined && height === pending.read + 1n) pending.read = height;
    const late = timeoutHeight !== 0n && height > timeoutHeight;
    const isOver = late || pending.supersededAt !== undefined;
    const skipped = pending.checked === undefined || pending.checked < height - 1n;
    const overdue = clock.now() - pending.lookedAt > this.#patienceMs;
    if (pending.seenAt !== undefined || skipped || overdue || isOver) {
      pending.lookedAt = clock.now();
      const fate = await this.#search(pending, height);
      if (fate !== undefined) return this.#settle(pending, fate);
    }
    pending.checked = height;
    if (pending.seenAt !== undefined) return;
    if (isOver) return this.#conclude(pending, height, late);
    await this.#remind(pending, height);
  }

  /** After that long without a sign, something may have gone wrong. */
  get #patienceMs(): number {
    return Math.max(PATIENCE_MS_MIN, this.#options.head.blockTimeMs * 3);
  }

  async #search(pending: Pending, height: bigint): Promise<Fate | undefined> {
    const { hash, timeoutHeight } = pending.tracked;
    if (this.#indexed) {
      // Looking up may be what shows that there is no index.
      const response = (await this.find(hash, this.#closed.signal))?.txResponse;
      if (response !== undefined) return { fate: "included", height: response.height, response };
      if (pending.seenAt === undefined && this.#indexed) return undefined;
      pending.looksAfterSeen += 1;
      if (this.#indexed && pending.looksAfterSeen < LOOKS_AFTER_SEEN_MAX) return undefined;
    }
    await this.#readBlocks(pending, timeoutHeight !== 0n && timeoutHeight < height ? timeoutHeight : height);
    return pending.seenAt === undefined ? undefined : this.#result(pending, pending.seenAt);
  }

  /** Of a transaction in a block that the index does not have. */
  async #result(pending: Pending, height: bigint): Promise<Fate | undefined> {
    const { result } = this.#options;
    if (result === undefined || pending.failedResults >= FAILED_RESULTS_MAX) {
      return { fate: "included", height, response: undefined };
    }
    try {
      const response = await result(height, pending.tracked.hash, this.#closed.signal);
      return { fate: "included", height, response };
    } catch (error) {
      // Not written yet, dropped, or the endpoint is away: then the state must tell.
      if (hasCode(error, "rpc.cancelled")) throw error;
      pending.failedResults += 1;
      return undefined;
    }
  }

  /** Reads the blocks up to `last` that nobody has read yet, until it is seen. */
  async #readBlocks(pending: Pending, last: bigint): Promise<void> {
    const { hash } = pending.tracked;
    const earliest = last > BLOCKS_BACK_MAX ? last - BLOCKS_BACK_MAX : 1n;
    for (let at = pending.read === undefined ? earliest : pending.read + 1n; at <= last; at += 1n) {
      if (pending.seenAt !== undefined) return;
      const block = await this.#options.head.block(at, { signal: this.#closed.signal });
      if (transactionHashes(block).includes(hash)) pending.seenAt = at;
      else pending.read = at;
    }
  }

  /**
   * No block to come can hold it. The index is written after the block, so what is absent now may be late: it is over
   * when looks have found nothing for a while and no block holds it.
   */
  async #conclude(pending: Pending, height: bigint, late: boolean): Promise<void> {
    const { clock } = this.#options;
    const { timeoutHeight } = pending.tracked;
    pending.overSince ??= clock.now();
    pending.looksSinceOver += 1;
    if (pending.looksSinceOver <= 2 || clock.now() - pending.overSince < this.#patienceMs) return;
    const last = late ? timeoutHeight : (pending.supersededAt ?? height);
    try {
      await this.#readBlocks(pending, last);
    } catch (cause) {
      if (clock.now() - pending.overSince < AWAY_MS_MAX) throw cause;
      // Old blocks may be gone for good. What an index does not have then was not there.
      if (!this.#indexed) return this.#giveUp(pending, cause);
    }
    if (pending.seenAt !== undefined) return;
    this.#settle(pending, late ? { fate: "expired", height } : { fate: "superseded" });
  }

  /** Sends the same bytes again after a while, and notices when their sequence has gone to another transaction. */
  async #remind(pending: Pending, height: bigint): Promise<void> {
    const { broadcast, clock, committedSequence } = this.#options;
    const { signal } = this.#closed;
    const { tracked } = pending;
    if (clock.now() - pending.offeredAt < this.#patienceMs) return;
    pending.offeredAt = clock.now();
    const reply = await broadcast(tracked.bytes, signal);
    if (reply.outcome !== "sequence" || reply.expected <= reply.got) return;
    if ((await committedSequence(tracked.address, height, signal)) > tracked.sequence) pending.supersededAt = height;
  }

  #settle(pending: Pending, fate: Fate): void {
    this.#pending.delete(pending.tracked.hash);
    pending.end.resolve(fate);
  }

  #giveUp(pending: Pending, cause: unknown): void {
    this.#pending.delete(pending.tracked.hash);
    pending.end.reject(away(cause));
  }

  #abandon(error: P8eError): void {
    for (const { end } of this.#pending.values()) end.reject(error);
    this.#pending.clear();
  }
}

/** Not "there is no such transaction" but "I do not keep them": the default of recent nodes. */
function saysNoIndex(error: unknown): boolean {
  if (!isP8eError(error)) return false;
  if (error.code === "rpc.unimplemented") return true;
  const { grpcStatus } = error.facts;
  return (grpcStatus === "UNKNOWN" || grpcStatus === "INTERNAL") && /index/i.test(error.message);
}

function away(cause: unknown): P8eError {
  return new P8eError("ledger.unavailable", "the node cannot be reached", {
    cause,
  });
}

function closed(): P8eError {
  return new P8eError("rpc.cancelled", "the client was closed");
}
