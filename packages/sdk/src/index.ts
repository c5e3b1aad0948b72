export {
  type Agreement,
  type AgreementDuty,
  type AgreementEvent,
  type AgreementStep,
  dutyOf,
  type SigningParty,
  stepOf,
} from "./agreement/agreement.ts";
export type { SignedMail } from "./agreement/agreement-mail.ts";
export {
  Agreements,
  type ApproveOptions,
  type PricedInspection,
  type RequestedSession,
} from "./agreement/agreements.ts";
export {
  type Approval,
  type ApprovalDuty,
  type ApprovalState,
  approvalStates,
  isApprovalOver,
  openApprovalStates,
} from "./agreement/approval.ts";
export type { Approver, Approvers, Consent, ConsentStanding } from "./agreement/consent.ts";
export type { Leave } from "./agreement/grants.ts";
export type { Inspection, InspectOptions } from "./agreement/inspect-request.ts";
export { type JvmRequest, type JvmRequestView, viewJvmRequest } from "./agreement/jvm-request.ts";
export { type ListenNews, type ListenOptions, listen, takeIn } from "./agreement/listen.ts";
export type { NeededSignature } from "./agreement/needed-signatures.ts";
export { type MailEffect, receiveMail } from "./agreement/receive-mail.ts";
export type { SignedEnvelope } from "./agreement/request-envelope.ts";
export { type RequestSummary, requestSummary } from "./agreement/request-summary.ts";
export { type Settled, settle } from "./agreement/settle.ts";
export { type ApprovalPolicy, type ApprovalRule, parseApprovalPolicy } from "./approval-policy/approval-policy.ts";
export { type ApprovalDecision, type ApprovalFacts, decideApproval } from "./approval-policy/decide-approval.ts";
export { P8eClient } from "./client.ts";
export { foreignText } from "./foreign-text.ts";
export {
  configurationName,
  type IndexConfiguration,
  parseIndexConfiguration,
  plainIndex,
} from "./indexing/index-configuration.ts";
export { type IndexNews, type IndexOptions, indexRecords } from "./indexing/index-records.ts";
export {
  type IndexedField,
  type IndexedValue,
  type IndexingRules,
  indexedFields,
  indexedValue,
} from "./indexing/indexed-value.ts";
export {
  type FieldCondition,
  type IndexedRecord,
  type NewIndexedRecord,
  RecordIndex,
} from "./indexing/record-index.ts";
export {
  type FieldDifference,
  type FieldLine,
  fieldDifferences,
  fieldLines,
  type Part,
} from "./inspection/message-fields.ts";
export {
  type InputView,
  type OutputView,
  type RequestView,
  type SignerView,
  viewRequest,
} from "./inspection/request-view.ts";
export type { QuarantineReason } from "./mailbox-loop/mail-fate.ts";
export { type MailboxLoopParts, type MailHandler, type MailNews, mailboxLoop } from "./mailbox-loop/mailbox-loop.ts";
export type { Quarantine, QuarantinedMail } from "./mailbox-loop/quarantine.ts";
export type { PartyParts } from "./parts.ts";
export {
  type BrokenContract,
  type ComparisonParts,
  comparePublication,
  type JudgedChange,
  type PublicationComparison,
  requireNothingBroken,
} from "./publish/compare-publication.ts";
export {
  type PublicationObject,
  type PublicationPlan,
  type PublicationRequest,
  type PublicationResult,
  type PublicationStep,
  scopeSpecificationNamed,
} from "./publish/publication.ts";
export { type ContractCost, contractCost } from "./publish/publication-cost.ts";
export { Publisher } from "./publish/publisher.ts";
export { type Hydrated, hydrate, type RecordSchemas } from "./read/hydrate.ts";
export { type RecordRead, readRecord } from "./read/read-record.ts";
export { Reader } from "./read/reader.ts";
export {
  differencesOf,
  type FunctionResult,
  type ReplayDifference,
  type ReplayedFunction,
} from "./replay/compare-replay.ts";
export {
  type Replay,
  type ReplayedSession,
  type Replayer,
  type ReplayOptions,
  replayScope,
} from "./replay/replay-scope.ts";
export { objectsOnLedger, type ScopeOnLedger } from "./scope/objects-on-ledger.ts";
export type { ResharedObjects, ReshareOptions } from "./scope/reshare-objects.ts";
export { readScopeObjects, type ScopeObject, type ScopeReader } from "./scope/scope-objects.ts";
export {
  type CarryOutOptions,
  type PlanOptions,
  type ScopePlan,
  Scopes,
  type SharePlan,
  type TransferPlan,
  type UnsharePlan,
} from "./scope/scopes.ts";
export {
  type Affiliate,
  type AffiliateDirectory,
  affiliateDirectory,
  affiliateOf,
  type LocalParty,
  requireAffiliate,
  requireAffiliates,
} from "./session/affiliate.ts";
export { decodeEvidence, type Evidence, verifyEvidence } from "./session/evidence.ts";
export { EVIDENCE_CONTEXT_VERSION, evidenceContext, evidenceHashOf } from "./session/evidence-context.ts";
export type { FoundContract } from "./session/find-contract.ts";
export type { TogetherOptions, TogetherOutcome } from "./session/memorialize-together.ts";
export type { ResumedExecution } from "./session/outbox.ts";
export type { PackagedSession } from "./session/package-session.ts";
export { readScope, type ScopeSnapshot } from "./session/scope-snapshot.ts";
export type {
  ExecutedSession,
  MemorializedSession,
  NewSession,
  OtherSigner,
  PreparedSession,
  PricedSession,
  ProposalsTo,
  SessionOptions,
  SessionScope,
} from "./session/session.ts";
export { type PriceOptions, Sessions } from "./session/sessions.ts";
export type {
  AgreementBegin,
  AgreementChange,
  AgreementCommit,
  AgreementStore,
  ApprovalChange,
  NewMail,
  OutgoingMail,
  Transition,
} from "./state/agreement-store.ts";
export {
  type Execution,
  type ExecutionState,
  isFinal,
  type OutboxTransaction,
  type StateOrigin,
} from "./state/execution.ts";
export type { LeaveChange, LeaveWatch, LeaveWatches, UnapprovedSession, UnapprovedUse } from "./state/leave-watches.ts";
export { openSqliteStateStore, type SqliteStateOptions } from "./state/sqlite/sqlite-state-store.ts";
export type { ExecutionMove, NewExecution, StateChange, StateStore, TakenRow, TapeRow } from "./state/state-store.ts";
export { type ColumnPath, parseColumnPath } from "./tape/column-path.ts";
export {
  type Onboarding,
  type OnboardOptions,
  onboardTape,
  type RowOutcome,
  type RowPlace,
  rowCost,
} from "./tape/onboard-tape.ts";
export { type CsvLimits, type CsvTable, parseCsv } from "./tape/parse-csv.ts";
export { readTape, TAPE_BYTES_MAX, type Tape, type TapeFormat, type TapeRecord } from "./tape/read-tape.ts";
export { type RowReading, type RowValues, rowName, rowValues } from "./tape/row-values.ts";
export {
  COLUMNS_BYTES_MAX,
  type ColumnMap,
  type MappedColumn,
  mapColumns,
  parseColumnMap,
  type RowBase,
} from "./tape/tape-columns.ts";
export { type Finding, type Outcome, requireHolds } from "./verify/outcome.ts";
export { type VerifiedObject, verifyObject } from "./verify/verify-object.ts";
export { type VerifyReadersOptions, verifyReaders } from "./verify/verify-readers.ts";
export { type Verification, type Verifier, verifyScope } from "./verify/verify-scope.ts";
