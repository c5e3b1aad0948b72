import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { fromBinary } from "@bufbuild/protobuf";
import { type AccountPrefix, equalBytes, hexEncode, P8eError } from "@p8e/core";
import { cosmos } from "@p8e/proto";
import { applyBlock, applyTransaction, type TransactionResult } from "../domain/execute.ts";
import { BLOCK_GAS_MAX } from "../domain/gas.ts";
import { composeAccounts, type GenesisAccount, genesisState } from "../domain/genesis.ts";
import type { LedgerState } from "../domain/ledger-state.ts";
import type { BlockFacts } from "../domain/message-context.ts";
import { sdkRefusal } from "../domain/refusal.ts";
import type { Keys } from "../domain/signatures.ts";
import { stateHash } from "../domain/state-codec.ts";
import { transactionHash } from "../domain/transaction.ts";
import { type BlockEntry, BlockIndex } from "../journal/block-index.ts";
import { readCheckpoint, writeCheckpoint } from "../journal/checkpoint.ts";
import { lockFolder } from "../journal/folder-lock.ts";
import { JournalFile, type StoredRecord } from "../journal/journal-file.ts";
import {
  type BlockRecord,
  corrupt,
  decodeBlock,
  decodeGenesis,
  encodeBlock,
  encodeGenesis,
  type GenesisRecord,
} from "../journal/journal-format.ts";
import { ChainClock, type Tick } from "./chain-clock.ts";
import { ledgerKeys } from "./ledger-keys.ts";
import { Mempool } from "./mempool.ts";
import { StateHistory } from "./state-history.ts";
import { encodeResponse, transactionResponse } from "./transaction-response.ts";

export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
}

export interface LedgerOptions {
  /** Created if it is missing. One process at a time. */
  readonly dataDir: string;
  readonly chainId: string;
  readonly accountPrefix: AccountPrefix;
  /** Accounts beside the local network's eight; with `only`, instead of them. Fixed by the first opening. */
  readonly genesis?: { readonly accounts: readonly GenesisAccount[]; readonly only?: boolean };
  readonly clock: Clock;
  /** Time between blocks, in milliseconds; 0 makes blocks only when {@link Ledger.advance} is called. */
  readonly blockIntervalMs: number;
  /** Past blocks whose state can be asked for. */
  readonly historyBlocks?: number;
  /** Blocks with transactions between two checkpoints. */
  readonly checkpointBlocks?: number;
  /** Ends opening, and the ledger's block production afterwards. */
  readonly signal?: AbortSignal;
}

/** A transaction in a block. */
export interface CommittedTransaction {
  readonly hash: string;
  readonly bytes: Uint8Array;
  /** Without its `tx` field. */
  readonly response: cosmos.abci.TxResponse;
}

export interface CommittedBlock {
  readonly height: bigint;
  readonly timeMs: number;
  /** 32 bytes that stand for all that happened up to this block. */
  readonly applicationHash: Uint8Array;
  readonly transactions: readonly CommittedTransaction[];
}

/** What the ledger holds at a height. */
export interface Reading {
  readonly state: LedgerState;
  readonly block: BlockFacts;
}

const TRANSACTION_BYTES_MAX = 1024 * 1024;
const BLOCK_BYTES_MAX = 20 * 1024 * 1024;
const RECENT_BLOCKS = 64;

/**
 * The embedded single-node ledger.
 *
 * A transaction is admitted against the last committed state and all admissions since (`check` state), waits in the
 * mempool, runs in a block, and is visible once the block's record is on stable storage. While a record is being
 * written, admission goes on. If one cannot be written the ledger stops answering: what the disk holds then is known
 * only after the next opening.
 *
 * Life: opening → running → (failed) → closed.
 */
export class Ledger implements AsyncDisposable {
  readonly chainId: string;
  readonly accountPrefix: AccountPrefix;
  readonly genesis: GenesisRecord;
  readonly #options: LedgerOptions;
  readonly #cryptography: Keys;
  readonly #lock: AsyncDisposable;
  readonly #journal: JournalFile;
  readonly #index: BlockIndex;
  readonly #history: StateHistory;
  readonly #clock: ChainClock;
  readonly #mempool = new Mempool();
  readonly #recent = new Map<bigint, CommittedBlock>();
  readonly #verified = new Set<string>();
  #state: LedgerState;
  #checkState: LedgerState;
  #timer: NodeJS.Timeout | undefined;
  #producing: Promise<void> = Promise.resolve();
  #phase: "running" | "failed" | "closed" = "running";
  #waiters: (() => void)[] = [];
  #blocksSinceCheckpoint = 0;

  /** @internal Use {@link openLedger}. */
  constructor(parts: OpenedParts) {
    const { options, genesis, lock, journal, index, state, head } = parts;
    this.#cryptography = parts.keys;
    this.chainId = genesis.chainId;
    this.accountPrefix = options.accountPrefix;
    this.genesis = genesis;
    this.#options = options;
    this.#lock = lock;
    this.#journal = journal;
    this.#index = index;
    this.#state = state;
    this.#checkState = state;
    this.#clock = new ChainClock(head, options.blockIntervalMs, () => options.clock.now());
    this.#history = new StateHistory(options.historyBlocks ?? 1_000);
    this.#history.add(head.height, state);
    options.signal?.addEventListener("abort", () => void this[Symbol.asyncDispose](), { once: true });
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
    return { state, block: this.#facts({ height, timeMs: this.timeOf(height) }) };
  }

  /** Admits a transaction to the mempool. The result is what a node's synchronous broadcast answers. */
  broadcast(bytes: Uint8Array): { readonly hash: string; readonly result: TransactionResult } {
    this.#requireRunning();
    const hash = transactionHash(bytes);
    const refuse = (kind: Parameters<typeof sdkRefusal>[0], detail: string) => {
      const { codespace, code, message } = sdkRefusal(kind, detail);
      const empty = { data: new Uint8Array(0), events: [], gasWanted: 0n, gasUsed: 0n };
      return { hash, result: { codespace, code, log: message, ...empty } };
    };
    if (bytes.length > TRANSACTION_BYTES_MAX) {
      return refuse("transactionTooLarge", `max size is ${TRANSACTION_BYTES_MAX}, but got ${bytes.length}`);
    }
    if (this.#mempool.hasSeen(hash)) return refuse("alreadyInMempool", "tx already exists in cache");
    if (this.#mempool.isFull) return refuse("mempoolFull", `number of txs ${this.#mempool.size}`);
    const { state, result } = applyTransaction(this.#checkState, this.#facts(this.head), bytes, this.#keys, "check");
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
    return applyTransaction(this.#checkState, this.#facts(this.head), bytes, this.#keys, "simulate").result;
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
    const found = this.#index.find(hash);
    if (found === undefined) return undefined;
    return (await this.#load(found.block)).transactions[found.position];
  }

  /** Undefined for heights outside the chain. */
  async blockAt(height: bigint): Promise<CommittedBlock | undefined> {
    this.#requireRunning();
    if (height < 1n || height > this.height) return undefined;
    const entry = this.#index.atOrBelow(height);
    if (entry?.height === height) return this.#load(entry);
    const applicationHash = entry?.link ?? new Uint8Array(32);
    return { height, timeMs: this.timeOf(height), applicationHash, transactions: [] };
  }

  timeOf(height: bigint): number {
    const before = this.#index.atOrBelow(height) ?? { height: 1n, timeMs: this.genesis.timeMs };
    const after = this.#index.above(height) ?? this.head;
    return height <= before.height ? before.timeMs : ChainClock.between(before, after, height);
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
    while (this.#phase === "running" && !signal?.aborted) {
      const entry = this.#index.above(height);
      if (entry !== undefined) {
        height = entry.height;
        yield await this.#load(entry);
        continue;
      }
      await this.#nextCommit(signal);
    }
  }

  /** Hexadecimal SHA-256 of the whole committed state. */
  stateHash(): string {
    return hexEncode(stateHash(this.#state));
  }

  /** Finishes the block in progress and writes a checkpoint. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#phase === "closed") return;
    const wasRunning = this.#phase === "running";
    this.#phase = "closed";
    clearTimeout(this.#timer);
    this.#wake();
    await this.#producing.catch(() => undefined);
    try {
      if (wasRunning) await this.#checkpoint();
    } finally {
      await this.#journal[Symbol.asyncDispose]();
      await this.#lock[Symbol.asyncDispose]();
    }
  }

  #requireRunning(): void {
    if (this.#phase === "running") return;
    throw new P8eError(
      "ledger.unavailable",
      this.#phase === "failed" ? "the ledger's journal cannot be written" : "the ledger is closed",
    );
  }

  #facts({ height, timeMs }: Tick): BlockFacts {
    return { chainId: this.chainId, accountPrefix: this.accountPrefix, height, timeMs };
  }

  /** A signature that was good at admission need not be computed again in the block. */
  readonly #keys: Keys = {
    accountOf: (publicKey) => this.#cryptography.accountOf(publicKey),
    verify: (publicKey, signBytes, signature) => {
      const known = `${hexEncode(publicKey)}${hexEncode(signature)}${transactionHash(signBytes)}`;
      if (this.#verified.delete(known)) return true;
      if (!this.#cryptography.verify(publicKey, signBytes, signature)) return false;
      this.#verified.add(known);
      return true;
    },
  };

  #schedule(): void {
    const { blockIntervalMs, clock } = this.#options;
    if (blockIntervalMs === 0 || this.#timer !== undefined || this.#phase !== "running") return;
    const dueInMs = this.#clock.base.timeMs + blockIntervalMs - clock.now();
    this.#timer = setTimeout(
      () => {
        this.#timer = undefined;
        // A failure is kept in the phase; every later call reports it.
        this.#produce(false).catch(() => undefined);
      },
      Math.min(Math.max(dueInMs, 0), blockIntervalMs),
    );
  }

  #produce(evenEmpty: boolean): Promise<void> {
    const previous = this.#producing;
    const turn = previous.catch(() => undefined).then(() => this.#produceBlock(evenEmpty));
    this.#producing = turn;
    return turn;
  }

  async #produceBlock(evenEmpty: boolean): Promise<void> {
    if (this.#phase !== "running") return;
    const waiting = this.#mempool.all();
    const next = this.#clock.next();
    if (waiting.length === 0) {
      if (evenEmpty) this.#commitEmpty(next);
      return;
    }
    const { taken, applied } = this.#fill(waiting, next);
    const hashes = taken.map((bytes) => transactionHash(bytes));
    const responses = applied.results.map((result, position) => transactionResponse(hashes[position]!, result, next));
    const record: BlockRecord = {
      ...next,
      intervalMs: this.#options.blockIntervalMs,
      transactions: taken.map((bytes, position) => ({ bytes, response: encodeResponse(responses[position]!) })),
    };
    const stored = await this.#append(encodeBlock(record));
    const transactions = taken.map((bytes, position) => ({
      hash: hashes[position]!,
      bytes,
      response: responses[position]!,
    }));
    this.#commit(applied.state, stored, { ...next, applicationHash: stored.link, transactions });
    if (++this.#blocksSinceCheckpoint >= (this.#options.checkpointBlocks ?? 5_000)) await this.#checkpoint();
    if (this.#mempool.size > 0) this.#schedule();
  }

  /** As many transactions as fit, by gas wanted and by size. */
  #fill(waiting: readonly Uint8Array[], next: Tick) {
    let sizeBytes = 0;
    let count = 0;
    // Each wants 500,000 gas at least as a rule, so this many surely fit by gas; what wants less waits a block longer.
    const countMax = Number(BLOCK_GAS_MAX / 100_000n);
    for (const bytes of waiting) {
      sizeBytes += bytes.length;
      if (count > 0 && (sizeBytes > BLOCK_BYTES_MAX || count >= countMax)) break;
      count++;
    }
    const taken = waiting.slice(0, count);
    return { taken, applied: applyBlock(this.#state, this.#facts(next), taken, this.#keys) };
  }

  async #append(payload: Uint8Array): Promise<StoredRecord> {
    try {
      return await this.#journal.append(payload);
    } catch (error) {
      if (this.#phase === "running") this.#phase = "failed";
      this.#wake();
      throw new P8eError("ledger.unavailable", "the ledger's journal cannot be written", { cause: error });
    }
  }

  #commit(state: LedgerState, stored: StoredRecord, block: CommittedBlock): void {
    const { height, timeMs, transactions } = block;
    this.#index.add({
      height,
      timeMs,
      offset: stored.offset,
      length: stored.payload.length,
      link: stored.link,
      hashes: transactions.map(({ hash }) => hash),
    });
    this.#remember(block);
    this.#state = state;
    this.#clock.advanceTo({ height, timeMs });
    this.#history.add(height, state);
    for (const { hash, response } of transactions) if (response.code !== 0) this.#mempool.forget(hash);
    this.#readmit(this.#mempool.all().slice(transactions.length));
    this.#wake();
  }

  #commitEmpty(next: Tick): void {
    this.#clock.advanceTo(next);
    this.#readmit(this.#mempool.all());
    this.#wake();
  }

  /** The mempool's rest must pass admission again, on the state after the block. */
  #readmit(rest: readonly Uint8Array[]): void {
    this.#checkState = this.#state;
    const block = this.#facts(this.head);
    const kept = rest.filter((bytes) => {
      const { state, result } = applyTransaction(this.#checkState, block, bytes, this.#keys, "check");
      if (result.code === 0) this.#checkState = state;
      else this.#mempool.forget(transactionHash(bytes));
      return result.code === 0;
    });
    this.#mempool.replace(kept);
    if (kept.length === 0) this.#verified.clear();
  }

  #remember(block: CommittedBlock): void {
    this.#recent.set(block.height, block);
    if (this.#recent.size <= RECENT_BLOCKS) return;
    for (const oldest of this.#recent.keys()) {
      this.#recent.delete(oldest);
      return;
    }
  }

  async #load(entry: BlockEntry): Promise<CommittedBlock> {
    const recent = this.#recent.get(entry.height);
    if (recent !== undefined) return recent;
    const record = decodeBlock(await this.#journal.read(entry.offset, entry.length));
    return {
      height: entry.height,
      timeMs: entry.timeMs,
      applicationHash: entry.link,
      transactions: record.transactions.map(({ bytes, response }, position) => ({
        hash: entry.hashes[position] ?? transactionHash(bytes),
        bytes,
        response: fromBinary(cosmos.abci.TxResponseSchema, response),
      })),
    };
  }

  async #checkpoint(): Promise<void> {
    this.#blocksSinceCheckpoint = 0;
    await writeCheckpoint(join(this.#options.dataDir, "checkpoint"), {
      ...this.#journal.position,
      ...this.#clock.latest(),
      intervalMs: this.#options.blockIntervalMs,
      state: this.#state,
      index: this.#index,
    });
  }

  #nextCommit(signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve) => {
      this.#waiters.push(resolve);
      signal?.addEventListener("abort", () => resolve(), { once: true });
    });
  }

  #wake(): void {
    const waiters = this.#waiters;
    this.#waiters = [];
    for (const wake of waiters) wake();
  }
}

interface OpenedParts {
  readonly options: LedgerOptions;
  readonly keys: Keys;
  readonly genesis: GenesisRecord;
  readonly lock: AsyncDisposable;
  readonly journal: JournalFile;
  readonly index: BlockIndex;
  readonly state: LedgerState;
  readonly head: Tick;
}

/**
 * Opens the ledger in a data folder: the last checkpoint, then the journal's tail run again and compared with what
 * was recorded.
 * @throws `environment.in_use` when another process has the folder, `configuration.invalid` when the folder belongs
 *   to another chain or genesis, `ledger.journal_corrupt` with the `offset` of the damage
 */
export async function openLedger(options: LedgerOptions): Promise<Ledger> {
  options.signal?.throwIfAborted();
  await mkdir(options.dataDir, { recursive: true, mode: 0o700 });
  const lock = await lockFolder(options.dataDir);
  let journal: JournalFile | undefined;
  try {
    journal = await JournalFile.open(join(options.dataDir, "journal"));
    const keys = ledgerKeys(options.accountPrefix);
    return new Ledger({ options, keys, lock, journal, ...(await recover(options, journal, keys)) });
  } catch (error) {
    await journal?.[Symbol.asyncDispose]();
    await lock[Symbol.asyncDispose]();
    throw error;
  }
}

type Recovered = Pick<OpenedParts, "genesis" | "index" | "state" | "head">;

async function recover(options: LedgerOptions, journal: JournalFile, keys: Keys): Promise<Recovered> {
  const genesis = await openGenesis(options, journal);
  requireSameGenesis(genesis, options);
  const checkpoint = await readCheckpoint(join(options.dataDir, "checkpoint"));
  const first = checkpoint ?? {
    ...genesisPosition,
    index: new BlockIndex(),
    state: genesisState(genesis.accounts, options),
    height: 1n,
    timeMs: genesis.timeMs,
    intervalMs: options.blockIntervalMs,
  };
  const { index } = first;
  let { state, height, timeMs, intervalMs } = first;
  let isGenesis = checkpoint === undefined;
  for await (const record of checkpoint === undefined ? journal.records() : journal.records(checkpoint)) {
    options.signal?.throwIfAborted();
    if (isGenesis) {
      isGenesis = false;
      continue;
    }
    const block = parseBlock(record);
    state = replay(state, block, record, { chainId: genesis.chainId, accountPrefix: options.accountPrefix }, keys);
    ({ height, timeMs, intervalMs } = block);
    index.add({
      height,
      timeMs,
      offset: record.offset,
      length: record.payload.length,
      link: record.link,
      hashes: block.transactions.map(({ bytes }) => transactionHash(bytes)),
    });
  }
  // Empty blocks that fell due before this opening did so at the interval of that time.
  const before = new ChainClock({ height, timeMs }, intervalMs, () => options.clock.now());
  return { genesis, index, state, head: before.latest() };
}

const genesisPosition = { offset: 0, link: new Uint8Array(32) };

async function openGenesis(options: LedgerOptions, journal: JournalFile): Promise<GenesisRecord> {
  for await (const record of journal.records()) {
    try {
      return decodeGenesis(record.payload);
    } catch (error) {
      throw corrupt(record.offset, "the first record is no genesis", error);
    }
  }
  const genesis: GenesisRecord = {
    chainId: options.chainId,
    accountPrefix: options.accountPrefix,
    timeMs: Math.trunc(options.clock.now()),
    accounts: genesisAccounts(options),
  };
  genesisState(genesis.accounts, options);
  await journal.append(encodeGenesis(genesis));
  return genesis;
}

function genesisAccounts({ genesis, accountPrefix }: LedgerOptions): readonly GenesisAccount[] {
  const standard = genesis?.only === true || accountPrefix !== "tp" ? [] : composeAccounts;
  return [...standard, ...(genesis?.accounts ?? [])];
}

function requireSameGenesis(genesis: GenesisRecord, options: LedgerOptions): void {
  const facts = { chainId: genesis.chainId, accountPrefix: genesis.accountPrefix };
  if (genesis.chainId !== options.chainId || genesis.accountPrefix !== options.accountPrefix) {
    throw new P8eError("configuration.invalid", "the data folder holds the ledger of another chain", { facts });
  }
  if (options.genesis === undefined) return;
  const wanted = genesisAccounts(options);
  const same =
    wanted.length === genesis.accounts.length &&
    wanted.every(({ address, amount }, index) => {
      const stored = genesis.accounts[index];
      return stored?.address === address && stored.amount === amount;
    });
  if (same) return;
  throw new P8eError("configuration.invalid", "the data folder's ledger began with other accounts", {
    facts,
    hint: "Fund further accounts with transfers, or start with an empty data folder.",
  });
}

function parseBlock(record: StoredRecord): BlockRecord {
  try {
    return decodeBlock(record.payload);
  } catch (error) {
    throw corrupt(record.offset, "a record is no block", error);
  }
}

/** Journaled transactions were verified when they were admitted; everything else is computed again and compared. */
function replay(
  state: LedgerState,
  block: BlockRecord,
  record: StoredRecord,
  network: Pick<BlockFacts, "chainId" | "accountPrefix">,
  { accountOf }: Keys,
): LedgerState {
  const facts: BlockFacts = { ...network, height: block.height, timeMs: block.timeMs };
  const bytes = block.transactions.map((transaction) => transaction.bytes);
  const applied = applyBlock(state, facts, bytes, { accountOf, verify: () => true });
  for (const [position, { bytes: transaction, response }] of block.transactions.entries()) {
    const hash = transactionHash(transaction);
    const again = encodeResponse(transactionResponse(hash, applied.results[position]!, block));
    if (!equalBytes(again, response)) {
      throw corrupt(record.offset, "running the block again gives another result than the one recorded");
    }
  }
  return applied.state;
}
