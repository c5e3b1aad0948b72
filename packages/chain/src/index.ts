export {
  authorize,
  isAuthorized,
  type MessageAuthority,
  type NeededGrant,
  neededGrants,
} from "./authority/authorize.ts";
export type { MetadataSnapshot } from "./authority/known-metadata.ts";
export { type NeededAuthority, neededAuthorities } from "./authority/needed-authority.ts";
export type { PartyNeed, RoleCandidate, RoleNeed } from "./authority/party-rules.ts";
export { readAuthoritySnapshot } from "./authority/read-snapshot.ts";
export type {
  AcceptedTransaction,
  ChainClient,
  ChainOptions,
  EstimateOptions,
  PreparedTransaction,
  WaitOptions,
} from "./chain-client.ts";
export { connectChain } from "./client.ts";
export type { AskOptions } from "./endpoint/endpoint.ts";
export type { NodeDescription } from "./endpoint/endpoint-probe.ts";
export type { NodeRpcOptions } from "./endpoint/node-rpc.ts";
export { sendCoins } from "./messages/account-messages.ts";
export { countGrant, type GrantInput, grantAuthorization, revokeGrant } from "./messages/grant-messages.ts";
export { type LedgerMessage, ledgerMessage, requiredSigners } from "./messages/ledger-message.ts";
export {
  addScopeDataAccess,
  deleteScopeDataAccess,
  type LedgerParty,
  type RecordInputValue,
  type RecordResult,
  updateValueOwners,
  type WriteRecordInput,
  type WriteScopeInput,
  type WriteSessionInput,
  writeRecord,
  writeScope,
  writeSession,
} from "./messages/messages.ts";
export { coveringMessage, type MetadataMessageName, metadataMessageType } from "./messages/metadata-message-type.ts";
export {
  addContractSpecificationToScopeSpecification,
  type SpecificationDescription,
  type WriteContractSpecificationInput,
  type WriteRecordSpecificationInput,
  type WriteScopeSpecificationInput,
  writeContractSpecification,
  writeRecordSpecification,
  writeScopeSpecification,
} from "./messages/specification-messages.ts";
export { touchedScopes } from "./messages/touched-scopes.ts";
export {
  type UnreadWrite,
  type WrittenSession,
  type WrittenSessions,
  writtenSessions,
} from "./messages/written-sessions.ts";
export {
  type Account,
  type AccountQueries,
  type AuthorizationGrant,
  isSilentAccount,
} from "./queries/accounts.ts";
export type {
  ContractSpecificationView,
  MetadataByAddress,
  MetadataQueries,
  ScopeSpecificationView,
  ScopeView,
} from "./queries/metadata-queries.ts";
export {
  type Batch,
  type BatchOptions,
  type BatchOutcome,
  type BatchPlan,
  type MessageGroup,
  planBatches,
  type RefusedGroup,
  writeBatches,
} from "./transactions/batches.ts";
export type { RetryAdvice, TransactionPhase } from "./transactions/errors.ts";
export type { Pricing } from "./transactions/estimator.ts";
export {
  type Amount,
  type DefinedPrices,
  type FeeConversion,
  type MessageCost,
  NHASH,
  type TransactionCost,
} from "./transactions/fees.ts";
export { type OutOfGasAttempt, outOfGasAttempt, requireWithinCeiling } from "./transactions/out-of-gas.ts";
export type { LedgerEvent, PackedResponse, TransactionReceipt } from "./transactions/receipt.ts";
export { type LedgerSigner, ledgerSigner } from "./transactions/signer.ts";
export type { SignedTransaction, SubmitOptions } from "./transactions/submission.ts";
export { readTransaction, type TransactionOutline } from "./transactions/transaction.ts";
export type { TransactionErrorKind } from "./transactions/transaction-error-kind.ts";
export type { SignedBefore, TransactionStanding } from "./transactions/transaction-standing.ts";
