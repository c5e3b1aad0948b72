import type { LedgerState } from "../domain/ledger-state.ts";
import { sdkRefusal } from "../domain/refusal.ts";

/** States of past blocks, for queries that name a height. They share what did not change between them. */
export class StateHistory {
  readonly #entries: { readonly height: bigint; readonly state: LedgerState }[] = [];
  readonly #lengthMax: number;

  constructor(lengthMax: number) {
    this.#lengthMax = lengthMax;
  }

  add(height: bigint, state: LedgerState): void {
    this.#entries.push({ height, state });
    if (this.#entries.length > this.#lengthMax) this.#entries.shift();
  }

  /** The state after the block of that height. @throws Refusal `sdk/38` when it is kept no more */
  at(height: bigint, latest: bigint): LedgerState {
    const entry = this.#entries.findLast((candidate) => candidate.height <= height);
    if (entry === undefined) {
      throw sdkRefusal(
        "notFound",
        `failed to load state at height ${height}; version does not exist (latest height: ${latest})`,
      );
    }
    return entry.state;
  }
}
