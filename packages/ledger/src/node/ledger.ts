import { type AccountPrefix, hexEncode, P8eError, transactionHash } from "@p8e/core";
import { type Applied, applyBlock, applyTransaction, type TransactionResult } from "../domain/execute.ts";
import { BLOCK_GAS_MAX } from "../domain/gas.ts";
import type { LedgerState } from "../domain/ledger-state.ts";
import type { BlockFacts } from "../domain/message-context.ts";
import type { Mode } from "../domain/mode.ts";
import { type SdkClass, sdkRefusal } from "../domain/refusal.ts";
import type { Keys } from "../domain/signatures.ts";
import { stateHash } from "../domain/state-codec.ts";
import type { BlockStore, CommittedBlock, CommittedTransaction } from "./block-store.ts";
import { ChainClock, type Tick } from "./chain-clock.ts";
import type { LedgerOptions } from "./ledger-options.ts";
import { Mempool } from "./mempool.ts";
import { StateHistory } from "./state-history.ts";

/** What the ledger holds at a height. */
export interface Reading {
  readonly state: LedgerState;
  readonly block: BlockFacts;
}

/** What opening found and holds. */
export interface LedgerParts {
  readonly options: LedgerOptions;
  readonly keys: Keys;
  readonly blocks: BlockStore;
  readonly state: LedgerState;
  /** The block that `state` is of, and the head: the same, or an empty block after it. */
  readonly stateHeight: bigint;
  readonly head: Tick;
  readonly writeCheckpoint: (state: LedgerState, head: Tick) => Promise<void>;
  /** Closes the files and lets go of the data folder. */
  readonly release: () => Promise<void>;
}

const TRANSACTION_BYTES_MAX = 1024 * 1024;
const BLOCK_BYTES_MAX = 20 * 1024 * 1024;
const BLOCK_TRANSACTIONS_MAX = Number(BLOCK_GAS_MAX / 100_000n);

/**
 * The embedded single-node ledger.
 *
 * A transaction is admitted against the last committed state and all admissions since (the check state), waits in the
 * mempool, runs in a block, and is visible once the block's record is on stable storage. While a record is being
 * written, admission goes on. If one cannot be written the ledger stops answering: what the disk holds then is known
 * only after the next opening.
 *
 * Life: running → (failed) → closed. What waits in the mempool at the end is lost, as on any node.
 */
export class Ledger implements AsyncDisposable {
  readonly chainId: string;
  readonly accountPrefix: AccountPrefix;
  readonly #parts: LedgerParts;
  readonly #blocks: BlockStore;
  readonly #history: StateHistory;
  readonly #clock: ChainClock;
  readonly #mempool = new Mempool();
  /** Signatures that were good at admission need not be computed again in the block. */
  readonly #verified = new Set<string>();
  readonly #keys: Keys;
  readonly #onAbort = () => void this[Symbol.asyncDispose]().catch(() => undefined);
  #state: LedgerState;
  #checkState: LedgerState;
  #timer: NodeJS.Timeout | undefined;
  #producing: Promise<void> = Promise.resolve();
  #phase: "running" | "failed" | "closed" = "running";
  #closing: Promise<void> | undefined;
  #waiters: (() => void)[] = [];
  #blocksSinceCheckpoint = 0;

  /** Made by `openLedger` only. */
  constructor(parts: LedgerParts) {
    const { options, blocks, state, stateHeight, head } = parts;
    this.chainId = options.chainId;
    this.accountPrefix = options.accountPrefix;
    this.#parts = parts;
    this.#blocks = blocks;
    this.#state = state;
    this.#checkState = state;
    this.#clock = new ChainClock(head, options.blockIntervalMs, () => options.clock.now());
    this.#history = new StateHistory(options.historyBlocks ?? 1_000);
    this.#history.add(stateHeight, state);
    this.#keys = { accountOf: parts.keys.accountOf, verify: (...signature) => this.#verify(...signature) };
    options.signal?.addEventListener("abort", this.#onAbort, { once: true });
  }

  /** The head of the chain, empty blocks included. */
  get head(): Tick {
    return this.#clock.latest();
  }

  get height(): bigint {
    return this.head.height;
  }

  /**
   * The state at a height, of the head without one.
   * @throws Refusal `sdk/26` above the head, `sdk/38` for a height that is kept no more
   */
  read(height?: bigint): Reading {
    this.#requireRunning();
    const head = this.head;
    if (height === undefined || height === 0n || height === head.height) {
      return { state: this.#state, block: this.#facts(head) };
    }
    if (height < 0n) throw sdkRefusal("invalidRequest", "cannot query with height < 0; please provide a valid height");
    if (height > head.height) {
      throw sdkRefusal("invalidHeight", "cannot query with height in the future; please provide a valid height");
    }
    const state = this.#history.at(height, head.height);
    return { state, block: this.#facts({ height, timeMs: this.#blocks.timeOf(height, head) }) };
  }

  /** Admits a transaction to the mempool. The result is what a node's synchronous broadcast answers. */
  broadcast(bytes: Uint8Array): { readonly hash: string; readonly result: TransactionResult } {
    this.#requireRunning();
    const hash = transactionHash(bytes);
    if (bytes.length > TRANSACTION_BYTES_MAX) {
      return { hash, result: refused("transactionTooLarge", `max size is ${TRANSACTION_BYTES_MAX}`) };
    }
    if (this.#mempool.hasSeen(hash)) return { hash, result: refused("alreadyInMempool", "tx already exists in cache") };
    if (this.#mempool.isFull) return { hash, result: refused("mempoolFull", `number of txs ${this.#mempool.size}`) };
    const { state, result } = this.#apply(bytes, "check");
    if (result.code === 0) {
      this.#checkState = state;
      this.#mempool.remember(hash);
      this.#mempool.add(new Uint8Array(bytes));
      this.#schedule();
    }
    return { hash, result };
  }

  /** Runs a transaction against the admitted state and forgets it. */
  simulate(bytes: Uint8Array): TransactionResult {
    this.#requireRunning();
    return this.#apply(bytes, "simulate").result;
  }

  /** Makes a block of what waits, even of nothing, and returns its height once it is durable. */
  async advance(): Promise<bigint> {
    this.#requireRunning();
    await this.#produce(true);
    return this.#clock.base.height;
  }

  /** Upper-case hexadecimal hash → transaction; undefined until its block is durable. */
  async findTransaction(hash: string): Promise<CommittedTransaction | undefined> {
    this.#requireRunning();
    const found = this.#blocks.index.find(hash);
    return found === undefined ? undefined : (await this.#blocks.load(found.block)).transactions[found.position];
  }

  /** Undefined for heights outside the chain. */
  async blockAt(height: bigint): Promise<CommittedBlock | undefined> {
    this.#requireRunning();
    const { head } = this;
    return height < 1n || height > head.height ? undefined : this.#blocks.at(height, head);
  }

  /**
   * Blocks with transactions, from a height on, for ever: past ones first, then each as it becomes durable. Ends when
   * the ledger closes or `signal` aborts.
   */
  async *blocks(
    options: { readonly fromHeight?: bigint; readonly signal?: AbortSignal } = {},
  ): AsyncGenerator<CommittedBlock> {
    const { signal } = options;
    let height = (options.fromHeight ?? this.height + 1n) - 1n;
    const wake = () => this.#wake();
    signal?.addEventListener("abort", wake);
    try {
      while (this.#phase === "running" && signal?.aborted !== true) {
        const entry = this.#blocks.index.above(height);
        if (entry === undefined) {
          await new Promise<void>((resolve) => this.#waiters.push(resolve));
        } else {
          height = entry.height;
          yield await this.#blocks.load(entry);
        }
      }
    } finally {
      signal?.removeEventListener("abort", wake);
    }
  }

  /** Hexadecimal SHA-256 of the whole committed state. */
  stateHash(): string {
    return hexEncode(stateHash(this.#state));
  }

  /** Finishes the block in progress and writes a checkpoint. */
  [Symbol.asyncDispose](): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    const isSound = this.#phase === "running";
    this.#phase = "closed";
    this.#parts.options.signal?.removeEventListener("abort", this.#onAbort);
    clearTimeout(this.#timer);
    this.#wake();
    await this.#producing.catch(() => undefined);
    try {
      if (isSound) await this.#parts.writeCheckpoint(this.#state, this.head);
    } finally {
      await this.#parts.release();
    }
  }

  #requireRunning(): void {
    if (this.#phase === "running") return;
    const reason = this.#phase === "failed" ? "its journal cannot be written" : "it is closed";
    throw new P8eError("ledger.unavailable", `the ledger does not answer: ${reason}`);
  }

  #facts({ height, timeMs }: Tick): BlockFacts {
    return { chainId: this.chainId, accountPrefix: this.accountPrefix, height, timeMs };
  }

  #apply(bytes: Uint8Array, mode: Mode): Applied {
    return applyTransaction(this.#checkState, bytes, { block: this.#facts(this.head), keys: this.#keys, mode });
  }

  #verify(publicKey: Uint8Array, signBytes: Uint8Array, signature: Uint8Array): boolean {
    const known = `${hexEncode(publicKey)}${hexEncode(signature)}${transactionHash(signBytes)}`;
    if (this.#verified.delete(known)) return true;
    if (!this.#parts.keys.verify(publicKey, signBytes, signature)) return false;
    this.#verified.add(known);
    return true;
  }

  #schedule(): void {
    if (this.#clock.intervalMs === 0 || this.#timer !== undefined || this.#phase !== "running") return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      // A failure is kept in the phase; every later call reports it.
      this.#produce(false).catch(() => undefined);
    }, this.#clock.dueInMs());
  }

  /** Blocks are made one after the other. */
  #produce(evenEmpty: boolean): Promise<void> {
    this.#producing = this.#producing.catch(() => undefined).then(() => this.#produceBlock(evenEmpty));
    return this.#producing;
  }

  async #produceBlock(evenEmpty: boolean): Promise<void> {
    if (this.#phase !== "running") return;
    const transactions = this.#fitting();
    if (transactions.length === 0) {
      if (evenEmpty) this.#commit(this.#state, { ...this.#clock.next(), transactions: [] });
      return;
    }
    const next = this.#clock.begin();
    const { state, results } = applyBlock(this.#state, this.#facts(next), transactions, this.#keys);
    let block: CommittedBlock;
    try {
      block = await this.#blocks.append(next, this.#clock.intervalMs, transactions, results);
    } catch (cause) {
      this.#clock.giveUp();
      if (this.#phase === "running") this.#phase = "failed";
      this.#wake();
      throw new P8eError("ledger.unavailable", "the ledger's journal cannot be written", { cause });
    }
    this.#commit(state, block);
    if (++this.#blocksSinceCheckpoint >= (this.#parts.options.checkpointBlocks ?? 5_000)) {
      this.#blocksSinceCheckpoint = 0;
      // Without a new checkpoint the next start runs more of the journal again; nothing else is lost.
      await this.#parts.writeCheckpoint(this.#state, this.head).catch(() => undefined);
    }
    if (this.#mempool.size > 0) this.#schedule();
  }

  /** The oldest waiting transactions, as many as a block takes. */
  #fitting(): readonly Uint8Array[] {
    let sizeBytes = 0;
    const waiting = this.#mempool.all();
    const end = waiting.findIndex((bytes, index) => {
      sizeBytes += bytes.length;
      return index > 0 && (sizeBytes > BLOCK_BYTES_MAX || index >= BLOCK_TRANSACTIONS_MAX);
    });
    return end === -1 ? waiting : waiting.slice(0, end);
  }

  #commit(state: LedgerState, block: Pick<CommittedBlock, "height" | "timeMs" | "transactions">): void {
    const { height, timeMs, transactions } = block;
    this.#state = state;
    this.#clock.advanceTo({ height, timeMs });
    if (transactions.length > 0) this.#history.add(height, state);
    for (const { hash, response } of transactions) if (response.code !== 0) this.#mempool.forget(hash);
    this.#readmit(this.#mempool.all().slice(transactions.length));
    this.#wake();
  }

  /** The mempool's rest must pass admission again, on the state after the block. */
  #readmit(rest: readonly Uint8Array[]): void {
    this.#checkState = this.#state;
    const block = this.#facts(this.head);
    const kept = rest.filter((bytes) => {
      const { state, result } = applyTransaction(this.#checkState, bytes, { block, keys: this.#keys, mode: "check" });
      if (result.code === 0) this.#checkState = state;
      else this.#mempool.forget(transactionHash(bytes));
      return result.code === 0;
    });
    this.#mempool.replace(kept);
    if (kept.length === 0) this.#verified.clear();
  }

  #wake(): void {
    const waiters = this.#waiters;
    this.#waiters = [];
    for (const wake of waiters) wake();
  }
}

function refused(kind: SdkClass, detail: string): TransactionResult {
  const { codespace, code, message } = sdkRefusal(kind, detail);
  return { codespace, code, log: message, data: new Uint8Array(0), events: [], gasWanted: 0n, gasUsed: 0n };
}
