import { type Clock, hasCode, P8eError, transactionHash } from "@p8e/core";
import type { AskOptions, NodeEndpoint } from "./endpoint.ts";

/**
 * What this client knows of the chain's newest block: its height, and how long a block takes. Both are refreshed by
 * whoever happens to ask, so that ten transactions in a second need one look at the chain and not ten.
 */

/** A block as it is needed here: when it was made, and the bytes of its transactions in their order. */
export interface Block {
  readonly height: bigint;
  /** The block's own time, milliseconds since 1970. */
  readonly timeMs: number;
  readonly transactions: readonly Uint8Array[];
}

/** Of a transaction, measured in block times; never fewer than `TIMEOUT_BLOCKS_MIN` blocks. */
const TIMEOUT_MS = 60_000;
const TIMEOUT_BLOCKS_MIN = 100;
const TIMEOUT_BLOCKS_MAX = 10_000;
const BLOCK_TIME_MS = { first: 250, least: 20, most: 10_000 } as const;
const SAMPLES_MAX = 9;

/** The newest block of a node, and the time that blocks take. Blocks are asked for by height, too. */
export class ChainHead {
  readonly #node: NodeEndpoint;
  readonly #clock: Clock;
  #newest: { readonly height: bigint; readonly timeMs: number; readonly seenAt: number } | undefined;
  readonly #samples: number[] = [];

  constructor(node: NodeEndpoint, clock: Clock) {
    this.#node = node;
    this.#clock = clock;
  }

  /** The median of the last blocks' times: one long pause of an idle chain does not count. */
  get blockTimeMs(): number {
    const sorted = [...this.#samples].sort((left, right) => left - right);
    const median = sorted[Math.floor((sorted.length - 1) / 2)] ?? BLOCK_TIME_MS.first;
    return Math.min(Math.max(median, BLOCK_TIME_MS.least), BLOCK_TIME_MS.most);
  }

  /** Asks for the newest block. */
  async poll(options: AskOptions = {}): Promise<Block> {
    const reply = await this.#node.ask((call) => this.#node.blocks.getLatestBlock({}, call), options);
    const block = toBlock(reply);
    this.#note(block);
    return block;
  }

  async block(height: bigint, options: AskOptions = {}): Promise<Block> {
    const reply = await this.#node.ask((call) => this.#node.blocks.getBlockByHeight({ height }, call), options);
    return toBlock(reply);
  }

  /** A height not older than `ageMsMax`. */
  async height(ageMsMax: number, options: AskOptions = {}): Promise<bigint> {
    const known = this.#newest;
    if (known !== undefined && this.#clock.now() - known.seenAt <= ageMsMax) return known.height;
    return (await this.poll(options)).height;
  }

  /** The last block that may include a transaction signed now. */
  async timeoutHeight(options: AskOptions = {}): Promise<bigint> {
    return timeoutHeight(await this.height(2000, options), this.blockTimeMs);
  }

  /** Looks a few blocks back once, so that the first estimates are not guesses. */
  async calibrate(options: AskOptions = {}): Promise<void> {
    const newest = await this.poll(options);
    const height = newest.height - 5n;
    if (height < 1n) return;
    try {
      const older = await this.block(height, options);
      this.#samples.push((newest.timeMs - older.timeMs) / 5);
    } catch (error) {
      // A pruned node may not have it; the estimate then grows from what we see.
      if (hasCode(error, "rpc.cancelled")) throw error;
    }
  }

  #note(block: Block): void {
    const before = this.#newest;
    if (before !== undefined && block.height < before.height) return;
    if (before !== undefined && block.height > before.height) {
      this.#samples.push((block.timeMs - before.timeMs) / Number(block.height - before.height));
      if (this.#samples.length > SAMPLES_MAX) this.#samples.shift();
    }
    this.#newest = { height: block.height, timeMs: block.timeMs, seenAt: this.#clock.now() };
  }
}

/** 60 seconds in block times, and at least 100 blocks. */
export function timeoutHeight(height: bigint, blockTimeMs: number): bigint {
  const blocks = Math.max(TIMEOUT_BLOCKS_MIN, Math.ceil(TIMEOUT_MS / Math.max(blockTimeMs, 1)));
  return height + BigInt(Math.min(blocks, TIMEOUT_BLOCKS_MAX));
}

/** Of a block's transactions, in their order. */
export function transactionHashes(block: Block): readonly string[] {
  return block.transactions.map(transactionHash);
}

interface WireBlock {
  readonly header?:
    | { readonly height: bigint; readonly time?: { readonly seconds: bigint; readonly nanos: number } | undefined }
    | undefined;
  readonly data?: { readonly txs: readonly Uint8Array[] } | undefined;
}

function toBlock(reply: { readonly block?: WireBlock | undefined; readonly sdkBlock?: WireBlock | undefined }): Block {
  const block = reply.block?.header ? reply.block : reply.sdkBlock;
  if (!block?.header) throw new P8eError("rpc.protocol", "the node sent a block without a header");
  const { height, time } = block.header;
  return {
    height,
    timeMs: Number(time?.seconds ?? 0n) * 1000 + (time?.nanos ?? 0) / 1e6,
    transactions: block.data?.txs ?? [],
  };
}
