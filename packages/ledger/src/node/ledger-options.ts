import type { AccountPrefix, Clock } from "@p8e/core";
import type { GenesisAccount } from "../domain/genesis.ts";

/** How a ledger is opened. */
export interface LedgerOptions {
  /** Created if it is missing. One process at a time. */
  readonly dataDir: string;
  readonly chainId: string;
  readonly accountPrefix: AccountPrefix;
  /** Accounts beside the local network's eight; with `only`, instead of them. Fixed by the first opening. */
  readonly genesis?: { readonly accounts: readonly GenesisAccount[]; readonly only?: boolean };
  readonly clock: Pick<Clock, "now">;
  /** Time between blocks, in milliseconds; 0 makes blocks only when `advance` is called. */
  readonly blockIntervalMs: number;
  /** Past blocks whose state can be asked for: 1,000 unless given. */
  readonly historyBlocks?: number;
  /** Blocks with transactions between two checkpoints: 5,000 unless given. */
  readonly checkpointBlocks?: number;
  /** Ends opening, and closes the ledger afterwards. */
  readonly signal?: AbortSignal | undefined;
}
