import { fromBinary } from "@bufbuild/protobuf";
import { transactionHash } from "@p8e/core";
import * as cosmos from "@p8e/proto/cosmos";
import type { TransactionResult } from "../domain/execute.ts";
import { RULES_VERSION } from "../domain/rules-version.ts";
import type { BlockEntry, BlockIndex } from "../journal/block-index.ts";
import type { JournalFile, JournalPosition } from "../journal/journal-file.ts";
import { type BlockRecord, decodeBlock, encodeBlock } from "../journal/journal-format.ts";
import { emptyBlockTime, type Tick } from "./chain-clock.ts";
import { encodeResponse, transactionResponse } from "./transaction-response.ts";

/** A transaction in a block. */
export interface CommittedTransaction {
  /** Upper-case hexadecimal SHA-256 of the bytes. */
  readonly hash: string;
  readonly bytes: Uint8Array;
  /** Without its `tx` field. */
  readonly response: cosmos.abci.TxResponse;
}

/** A block that is durable. */
export interface CommittedBlock {
  readonly height: bigint;
  readonly timeMs: number;
  /** 32 bytes that stand for all that happened up to this block. */
  readonly applicationHash: Uint8Array;
  readonly transactions: readonly CommittedTransaction[];
}

const RECENT_BLOCKS = 64;

/** The blocks with transactions: in the journal, found through the index, the last ones kept in memory. */
export class BlockStore {
  readonly index: BlockIndex;
  readonly #journal: JournalFile;
  /** Height 1: before the first block. */
  readonly #genesis: { readonly timeMs: number; readonly intervalMs: number; readonly link: Uint8Array };
  readonly #recent = new Map<bigint, CommittedBlock>();

  constructor(
    journal: JournalFile,
    index: BlockIndex,
    genesis: { readonly timeMs: number; readonly intervalMs: number; readonly link: Uint8Array },
  ) {
    this.#journal = journal;
    this.index = index;
    this.#genesis = genesis;
  }

  /** Where the next block will lie. */
  get position(): JournalPosition {
    return this.#journal.position;
  }

  /** Writes a block; it is there when this returns. */
  async append(
    tick: Tick,
    intervalMs: number,
    transactions: readonly Uint8Array[],
    results: readonly TransactionResult[],
  ): Promise<CommittedBlock> {
    const committed = transactions.map((bytes, position) => {
      const hash = transactionHash(bytes);
      return { hash, bytes, response: transactionResponse(hash, results[position]!, tick) };
    });
    const record: BlockRecord = {
      ...tick,
      intervalMs,
      rulesVersion: RULES_VERSION,
      transactions: committed.map(({ bytes, response }) => ({ bytes, response: encodeResponse(response) })),
    };
    const { offset, link, payload } = await this.#journal.append(encodeBlock(record));
    const hashes = committed.map(({ hash }) => hash);
    this.index.add({ ...tick, intervalMs, offset, length: payload.length, link, hashes });
    const block: CommittedBlock = { ...tick, applicationHash: link, transactions: committed };
    this.#remember(block);
    return block;
  }

  #remember(block: CommittedBlock): void {
    this.#recent.set(block.height, block);
    if (this.#recent.size <= RECENT_BLOCKS) return;
    for (const oldest of this.#recent.keys()) {
      this.#recent.delete(oldest);
      return;
    }
  }

  /** @throws `ledger.journal_corrupt` when the stored bytes are no longer those that were written */
  async load(entry: BlockEntry): Promise<CommittedBlock> {
    const { height, timeMs, offset, length, link, hashes } = entry;
    const recent = this.#recent.get(height);
    if (recent !== undefined) return recent;
    const previous = this.index.atOrBelow(height - 1n)?.link ?? this.#genesis.link;
    const record = decodeBlock(await this.#journal.read({ offset, link: previous }, length, link));
    return {
      height,
      timeMs,
      applicationHash: link,
      transactions: record.transactions.map(({ bytes, response }, position) => ({
        hash: hashes[position]!,
        bytes,
        response: fromBinary(cosmos.abci.TxResponseSchema, response),
      })),
    };
  }

  /** The block at a height up to the head's; one without transactions when none was written there. */
  async at(height: bigint, head: Tick): Promise<CommittedBlock> {
    const entry = this.index.atOrBelow(height);
    if (entry?.height === height) return this.load(entry);
    const applicationHash = entry?.link ?? this.#genesis.link;
    return { height, timeMs: this.timeOf(height, head), applicationHash, transactions: [] };
  }

  timeOf(height: bigint, head: Tick): number {
    const before = this.index.atOrBelow(height) ?? { ...this.#genesis, height: 1n };
    if (height <= before.height) return before.timeMs;
    return emptyBlockTime(before, before.intervalMs, this.index.above(height) ?? head, height);
  }
}
