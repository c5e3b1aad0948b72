export {
  type Account,
  type AccountQueries,
  type AuthorizationGrant,
  isSilentAccount,
} from "./accounts.ts";
export {
  type AcceptedTransaction,
  type ChainClient,
  type ChainOptions,
  connectChain,
  type EstimateOptions,
  type PreparedTransaction,
  type WaitOptions,
} from "./client.ts";
export { type Clock, systemClock } from "./clock.ts";
export type { AskOptions } from "./endpoint.ts";
export type { NodeDescription } from "./endpoint-probe.ts";
export type { RetryAdvice, TransactionErrorKind, TransactionPhase } from "./errors.ts";
export type { Pricing } from "./estimator.ts";
export { type Amount, type MessageCost, NHASH, type TransactionCost } from "./fees.ts";
export { type LedgerMessage, ledgerMessage, requiredSigners } from "./ledger-message.ts";
export {
  addContractSpecificationToScopeSpecification,
  addScopeDataAccess,
  grantAuthorization,
  type LedgerParty,
  type RecordInputValue,
  type RecordResult,
  revokeAuthorization,
  type SpecificationDescription,
  sendCoins,
  type WriteContractSpecificationInput,
  type WriteRecordInput,
  type WriteRecordSpecificationInput,
  type WriteScopeInput,
  type WriteScopeSpecificationInput,
  type WriteSessionInput,
  writeContractSpecification,
  writeRecord,
  writeRecordSpecification,
  writeScope,
  writeScopeSpecification,
  writeSession,
} from "./messages.ts";
export type {
  ContractSpecificationView,
  MetadataByAddress,
  MetadataQueries,
  ScopeSpecificationView,
  ScopeView,
} from "./metadata-queries.ts";
export type { LedgerEvent, PackedResponse, TransactionReceipt } from "./receipt.ts";
export type { SignedTransaction, SubmitOptions } from "./sender.ts";
export { type LedgerSigner, ledgerSigner } from "./signer.ts";
export { readTransaction, type TransactionOutline, transactionHash } from "./transaction.ts";
