export type { GenesisAccount } from "./domain/genesis.ts";
export { conversionFactor, DEFAULT_PRICE, PRICE_DENOMINATION, prices } from "./domain/prices.ts";
export { type ServedLedger, type ServeOptions, serveLedger } from "./grpc/serve-ledger.ts";
export type { CommittedBlock, CommittedTransaction } from "./node/block-store.ts";
export { Faucet, type Funding } from "./node/faucet.ts";
export type { Ledger } from "./node/ledger.ts";
export type { LedgerOptions } from "./node/ledger-options.ts";
export { openLedger } from "./node/open-ledger.ts";
