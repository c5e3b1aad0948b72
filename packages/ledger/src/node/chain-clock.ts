/** A height and the time of its block. */
export interface Tick {
  readonly height: bigint;
  readonly timeMs: number;
}

/**
 * Counts the blocks that have no transactions without making them: with a block interval, one empty block falls due
 * every interval after the last real one. Nothing is written for them, and yet heights go on, so that a
 * transaction's timeout height expires. With interval 0 blocks are made by hand only.
 *
 * A height that was once shown stays: the next block lies above it, and its time after it.
 */
export class ChainClock {
  readonly intervalMs: number;
  readonly #now: () => number;
  #base: Tick;
  #shown: Tick;
  #making = false;

  constructor(base: Tick, intervalMs: number, now: () => number) {
    this.#base = base;
    this.#shown = base;
    this.intervalMs = intervalMs;
    this.#now = now;
  }

  /** The last block with transactions, or the last made by hand. */
  get base(): Tick {
    return this.#base;
  }

  /** The head of the chain, empty blocks included. */
  latest(): Tick {
    const due = this.#due();
    if (due > 0 && !this.#making) {
      const height = this.#base.height + BigInt(due);
      if (height > this.#shown.height) this.#shown = { height, timeMs: this.#base.timeMs + due * this.intervalMs };
    }
    return this.#shown;
  }

  /** Height and time that a block made now would have. */
  next(): Tick {
    const slot = this.#base.height + BigInt(Math.max(1, this.#due()));
    const height = slot > this.#shown.height ? slot : this.#shown.height + 1n;
    const afterEmpty = this.#base.timeMs + Number(height - this.#base.height);
    return { height, timeMs: Math.max(Math.trunc(this.#now()), this.#shown.timeMs + 1, afterEmpty) };
  }

  /**
   * As `next`, for a block that is now being made: until it is there or given up, the head stands still, for else an
   * empty block could be shown at its height.
   */
  begin(): Tick {
    this.#making = true;
    return this.next();
  }

  /** There is no block after all. */
  giveUp(): void {
    this.#making = false;
  }

  /** How long until the next block may be made. */
  dueInMs(): number {
    return Math.min(Math.max(this.#base.timeMs + this.intervalMs - this.#now(), 0), this.intervalMs);
  }

  advanceTo(tick: Tick): void {
    this.#base = tick;
    this.#shown = tick;
    this.#making = false;
  }

  #due(): number {
    if (this.intervalMs === 0) return 0;
    return Math.floor((this.#now() - this.#base.timeMs) / this.intervalMs);
  }
}

/**
 * The time of an empty block between two others: when it fell due, and in any case as many milliseconds before the
 * later one as it lies blocks before it, so that times ascend strictly.
 */
export function emptyBlockTime(before: Tick, intervalMs: number, after: Tick, height: bigint): number {
  if (height === after.height) return after.timeMs;
  const latest = after.timeMs - Number(after.height - height);
  const step = Number(height - before.height);
  return Math.min(before.timeMs + step * Math.max(intervalMs, 1), latest);
}
