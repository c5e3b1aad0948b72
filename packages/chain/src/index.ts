export { grantAuthorization, revokeAuthorization, sendCoins } from "./account-messages.ts";
export {
  type Account,
  type AccountQueries,
  type AuthorizationGrant,
  isSilentAccount,
} from "./accounts.ts";
export type {
  AcceptedTransaction,
  ChainClient,
  ChainOptions,
  EstimateOptions,
  PreparedTransaction,
  WaitOptions,
} from "./chain-client.ts";
export { connectChain } from "./client.ts";
export type { AskOptions } from "./endpoint.ts";
export type { NodeDescription } from "./endpoint-probe.ts";
export type { RetryAdvice, TransactionErrorKind, TransactionPhase } from "./errors.ts";
export type { Pricing } from "./estimator.ts";
export {
  type Amount,
  type DefinedPrices,
  type FeeConversion,
  type MessageCost,
  NHASH,
  type TransactionCost,
} from "./fees.ts";
export { type LedgerMessage, ledgerMessage, requiredSigners } from "./ledger-message.ts";
export {
  addScopeDataAccess,
  type LedgerParty,
  type RecordInputValue,
  type RecordResult,
  type WriteRecordInput,
  type WriteScopeInput,
  type WriteSessionInput,
  writeRecord,
  writeScope,
  writeSession,
} from "./messages.ts";
export type {
  ContractSpecificationView,
  MetadataByAddress,
  MetadataQueries,
  ScopeSpecificationView,
  ScopeView,
} from "./metadata-queries.ts";
export type { NodeRpcOptions } from "./node-rpc.ts";
export { type OutOfGasAttempt, outOfGasAttempt, requireWithinCeiling } from "./out-of-gas.ts";
export type { LedgerEvent, PackedResponse, TransactionReceipt } from "./receipt.ts";
export { type LedgerSigner, ledgerSigner } from "./signer.ts";
export {
  addContractSpecificationToScopeSpecification,
  type SpecificationDescription,
  type WriteContractSpecificationInput,
  type WriteRecordSpecificationInput,
  type WriteScopeSpecificationInput,
  writeContractSpecification,
  writeRecordSpecification,
  writeScopeSpecification,
} from "./specification-messages.ts";
export type { SignedTransaction, SubmitOptions } from "./submission.ts";
export { readTransaction, type TransactionOutline } from "./transaction.ts";
export type { SignedBefore, TransactionStanding } from "./transaction-standing.ts";
