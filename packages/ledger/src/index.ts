export { composeAccounts, type GenesisAccount } from "./domain/genesis.ts";
export { type ServedLedger, type ServeOptions, serveLedger } from "./grpc/serve-ledger.ts";
export {
  type Clock,
  type CommittedBlock,
  type CommittedTransaction,
  Ledger,
  type LedgerOptions,
  openLedger,
} from "./node/ledger.ts";
