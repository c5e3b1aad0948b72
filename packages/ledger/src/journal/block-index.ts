/** Where a block lies in the journal, and what is in it. Blocks without transactions have no entry. */
export interface BlockEntry {
  readonly height: bigint;
  readonly timeMs: number;
  /** Interval at which empty blocks follow it. */
  readonly intervalMs: number;
  readonly offset: number;
  /** Bytes of the record's payload. */
  readonly length: number;
  readonly link: Uint8Array;
  /** Of its transactions, in order. */
  readonly hashes: readonly string[];
}

/** Finds blocks by height and transactions by hash. Heights ascend and have gaps: the empty blocks. */
export class BlockIndex {
  readonly blocks: BlockEntry[] = [];
  readonly #byHash = new Map<string, { readonly block: BlockEntry; readonly position: number }>();

  add(block: BlockEntry): void {
    this.blocks.push(block);
    for (const [position, hash] of block.hashes.entries()) this.#byHash.set(hash, { block, position });
  }

  find(hash: string): { readonly block: BlockEntry; readonly position: number } | undefined {
    return this.#byHash.get(hash);
  }

  /** The last block with transactions at or below `height`. */
  atOrBelow(height: bigint): BlockEntry | undefined {
    return this.blocks[this.#firstAbove(height) - 1];
  }

  /** The first block with transactions above `height`. */
  above(height: bigint): BlockEntry | undefined {
    return this.blocks[this.#firstAbove(height)];
  }

  #firstAbove(height: bigint): number {
    let low = 0;
    let high = this.blocks.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.blocks[middle]!.height <= height) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
