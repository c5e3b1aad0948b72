import { clone, create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { TimestampSchema } from "@bufbuild/protobuf/wkt";
import { packAny } from "@p8e/contract";
import type { ContractSample } from "./contract-samples.ts";
import { type Asset, AssetSchema } from "./gen/tech/figure/asset/v1beta1/asset_pb.ts";
import { type Loan, LoanSchema } from "./gen/tech/figure/loan/v1beta1/loan_pb.ts";
import { MISMOLoanMetadataSchema } from "./gen/tech/figure/loan/v1beta1/mismo_loan_pb.ts";
import { ServicingDataSchema } from "./gen/tech/figure/servicing/v1beta1/loan_state_pb.ts";
import type { FinancialAccount } from "./gen/tech/figure/util/v1beta1/account_pb.ts";
import type { LoanContractName } from "./loan-contracts.ts";

/** A sample that breaks one rule and no other: the smallest change to the sound one, and how the contract refuses it. */
export interface BrokenSample {
  readonly contract: LoanContractName;
  readonly rule: string;
  readonly field: string;
  /** Changes the sample of the contract in place. */
  readonly apply: (sample: ContractSample) => void;
}

type Row<N extends LoanContractName> = readonly [
  rule: string,
  field: string,
  change: (
    inputs: Changeable<ContractSample<N>["inputs"]>,
    records: Changeable<ContractSample<N>["records"]>,
  ) => unknown,
];
type Changeable<T> = { -readonly [K in keyof T]: T[K] };

/** Ahead of every clock that starts a session of a sample. */
const FUTURE = 32_503_680_000n;

const LOAN = "asset.kv.loan";
const PAID = `${LOAN}.funding.disbursements[0]`;

/** The loan inside the asset, changed in place. */
function inLoan(change: (loan: Loan) => unknown) {
  return ({ asset }: { readonly asset: Asset }) => {
    const any = asset.kv.loan!;
    const loan = fromBinary(LoanSchema, any.value);
    change(loan);
    any.value = toBinary(LoanSchema, loan);
  };
}

function inBank(change: (account: FinancialAccount) => unknown) {
  return inLoan((loan) => {
    const account = loan.funding?.disbursements[0]?.disburseAccount?.typeSpecific;
    if (account?.case === "financial") change(account.value);
  });
}

const OTHER_UUID = "00000000-0000-4000-8000-000000000099";

const recordLoan: readonly Row<"record-loan">[] = [
  ["asset-id", "asset.id.value", (p) => delete p.asset.id],
  ["asset-id", "asset.id.value", (p) => (p.asset.id!.value = "1")],
  ["asset-type", "asset.type", (p) => (p.asset.type = " ")],
  ["asset-holds-loan", LOAN, (p) => delete p.asset.kv.loan],
  ["asset-holds-loan", LOAN, (p) => (p.asset.kv.loan = packAny(AssetSchema, p.asset))],
  ["mismo-loan", "asset.kv.mismoLoan", (p) => (p.asset.kv.mismoLoan = p.asset.kv.loan!)],
  ["loan-id", `${LOAN}.id.value`, inLoan((l) => delete l.id)],
  ["originator-id", `${LOAN}.originatorUuid.value`, inLoan((l) => delete l.originatorUuid)],
  ["originator-name", `${LOAN}.originatorName`, inLoan((l) => (l.originatorName = ""))],
  ["universal-loan-id", `${LOAN}.uli`, inLoan((l) => (l.uli = "SHORT"))],
  ["universal-loan-id", `${LOAN}.uli`, inLoan((l) => (l.uli = "SYNTHETIC-LEI-0000000-LOAN1"))],
  ["terms-given", `${LOAN}.terms`, inLoan((l) => delete l.terms)],
  ["amount-given", `${LOAN}.terms.principalAmount`, inLoan((l) => delete l.terms!.principalAmount)],
  ["amount-decimal", `${LOAN}.terms.principalAmount.value`, inLoan((l) => (l.terms!.principalAmount!.value = "1e6"))],
  ["amount-decimal", `${LOAN}.terms.totalAmount.value`, inLoan((l) => (l.terms!.totalAmount!.value = ""))],
  [
    "currency-code",
    `${LOAN}.terms.principalAmount.currency`,
    inLoan((l) => (l.terms!.principalAmount!.currency = "usd")),
  ],
  [
    "positive-principal",
    `${LOAN}.terms.principalAmount.value`,
    inLoan((l) => (l.terms!.principalAmount!.value = "0.00")),
  ],
  ["one-currency", `${LOAN}.terms.totalAmount.currency`, inLoan((l) => (l.terms!.totalAmount!.currency = "EUR"))],
  [
    "total-covers-principal",
    `${LOAN}.terms.totalAmount.value`,
    inLoan((l) => (l.terms!.totalAmount!.value = "249999.999")),
  ],
  ["positive-term", `${LOAN}.terms.termInMonths`, inLoan((l) => (l.terms!.termInMonths = 0))],
  ["rate-given", `${LOAN}.terms.interestRate`, inLoan((l) => delete l.terms!.interestRate)],
  ["rate-decimal", `${LOAN}.terms.interestRate.rate`, inLoan((l) => (l.terms!.interestRate!.rate = "6%"))],
  ["rate-in-range", `${LOAN}.terms.interestRate.rate`, inLoan((l) => (l.terms!.interestRate!.rate = "6.25"))],
  [
    "date-valid",
    `${LOAN}.terms.dates.signedDate.value`,
    inLoan((l) => (l.terms!.dates!.signedDate!.value = "2025-02-29")),
  ],
  ["funding-status", `${LOAN}.funding.status`, inLoan((l) => delete l.funding!.status)],
  ["funding-status", `${LOAN}.funding.status.status`, inLoan((l) => (l.funding!.status!.status = "SPENT"))],
  ["funding-times", `${LOAN}.funding.started`, inLoan((l) => delete l.funding!.started)],
  ["funding-times", `${LOAN}.funding.completed`, inLoan((l) => (l.funding!.completed!.seconds = 1n))],
  ["time-not-future", `${LOAN}.funding.completed`, inLoan((l) => (l.funding!.completed!.seconds = FUTURE))],
  ["disbursements-given", `${LOAN}.funding.disbursements`, inLoan((l) => (l.funding!.disbursements = []))],
  [
    "disbursements-distinct",
    `${LOAN}.funding.disbursements[1].id.value`,
    inLoan((l) => l.funding!.disbursements.push(l.funding!.disbursements[0]!)),
  ],
  ["disbursement-id", `${PAID}.id.value`, inLoan((l) => delete l.funding!.disbursements[0]!.id)],
  [
    "disbursement-not-negative",
    `${PAID}.amount.value`,
    inLoan((l) => (l.funding!.disbursements[0]!.amount!.value = "-.01")),
  ],
  ["disbursement-status", `${PAID}.status`, inLoan((l) => delete l.funding!.disbursements[0]!.status)],
  ["account-given", `${PAID}.disburseAccount`, inLoan((l) => delete l.funding!.disbursements[0]!.disburseAccount)],
  [
    "account-owner",
    `${PAID}.disburseAccount.accountOwnerId.value`,
    inLoan((l) => delete l.funding!.disbursements[0]!.disburseAccount!.accountOwnerId),
  ],
  [
    "account-kind",
    `${PAID}.disburseAccount`,
    inLoan((l) => (l.funding!.disbursements[0]!.disburseAccount!.typeSpecific = { case: undefined })),
  ],
  ["documents-given", "documents.document", (p) => (p.documents.document = [])],
  [
    "documents-distinct",
    "documents.document[3].checksum.checksum",
    (p) => p.documents.document.push(p.documents.document[0]!),
  ],
  ["document-id", "documents.document[1].id.value", (p) => delete p.documents.document[1]!.id],
  ["document-uri", "documents.document[0].uri", (p) => (p.documents.document[0]!.uri = "")],
  ["document-file-name", "documents.document[0].fileName", (p) => (p.documents.document[0]!.fileName = "")],
  ["document-content-type", "documents.document[0].contentType", (p) => (p.documents.document[0]!.contentType = "")],
  ["document-type", "documents.document[0].documentType", (p) => (p.documents.document[0]!.documentType = "")],
  ["checksum-given", "documents.document[0].checksum", (p) => delete p.documents.document[0]!.checksum],
  [
    "checksum-algorithm-given",
    "documents.document[0].checksum.algorithm",
    (p) => (p.documents.document[0]!.checksum!.algorithm = ""),
  ],
  [
    "checksum-sha256",
    "documents.document[0].checksum.checksum",
    (p) => (p.documents.document[0]!.checksum!.checksum = "abc="),
  ],
  ["note-controller", "eNote.controller", (p) => delete p.eNote.controller],
  ["note-controller", "eNote.controller.controllerName", (p) => (p.eNote.controller!.controllerName = "")],
  ["note-document", "eNote.eNote", (p) => delete p.eNote.eNote],
  ["note-signed", "eNote.signedDate.value", (p) => (p.eNote.signedDate!.value = "2999-01-03")],
  ["note-vault", "eNote.vaultName", (p) => (p.eNote.vaultName = "")],
  [
    "documents-distinct",
    "eNote.borrowerSignatureImage[1].checksum.checksum",
    (p) => (p.eNote.borrowerSignatureImage[1] = p.eNote.borrowerSignatureImage[0]!),
  ],
  ["servicer-id", "servicingRights.servicerId.value", (p) => delete p.servicingRights.servicerId],
  ["servicer-name", "servicingRights.servicerName", (p) => (p.servicingRights.servicerName = "")],
  ["loan-state-id", "servicingData.loanState[0].id.value", (p) => delete p.servicingData.loanState[0]!.id],
  [
    "loan-state-time",
    "servicingData.loanState[0].effectiveTime",
    (p) => delete p.servicingData.loanState[0]!.effectiveTime,
  ],
  [
    "time-not-future",
    "servicingData.loanState[1].effectiveTime",
    (p) => (p.servicingData.loanState[1]!.effectiveTime!.seconds = FUTURE),
  ],
  ["loan-state-uri", "servicingData.loanState[0].uri", (p) => (p.servicingData.loanState[0]!.uri = "")],
  [
    "loan-states-distinct",
    "servicingData.loanState[1]",
    (p) => (p.servicingData.loanState[1]!.id = p.servicingData.loanState[0]!.id!),
  ],
  ["validation-given", "loanValidation.iteration", (p) => (p.loanValidation.iteration = [])],
  ["validation-request", "loanValidation.iteration[0].request", (p) => delete p.loanValidation.iteration[0]!.request],
  [
    "validation-request",
    "loanValidation.iteration[0].request.validatorName",
    (p) => (p.loanValidation.iteration[0]!.request!.validatorName = ""),
  ],
  ["validation-results", "loanValidation.iteration[0].results", (p) => delete p.loanValidation.iteration[0]!.results],
  [
    "validation-results",
    "loanValidation.iteration[0].results.uri",
    (p) => (p.loanValidation.iteration[0]!.results!.uri = ""),
  ],
  [
    "validations-distinct",
    "loanValidation.iteration[1].request.requestId.value",
    (p) => p.loanValidation.iteration.push(p.loanValidation.iteration[0]!),
  ],
  [
    "mismo-loan",
    "asset.kv.mismoLoan.document",
    (p) => (p.asset.kv.mismoLoan = packAny(MISMOLoanMetadataSchema, create(MISMOLoanMetadataSchema))),
  ],
  ["account-number", `${PAID}.disburseAccount.financial.accountNumber`, inBank((bank) => (bank.accountNumber = "123"))],
  [
    "routing-number",
    `${PAID}.disburseAccount.financial.routingNumber`,
    inBank((bank) => (bank.routingNumber = "12345678")),
  ],
  [
    "movement-kind",
    `${PAID}.disburseAccount.financial.movement[0]`,
    inBank((bank) => (bank.movement[0]!.typeSpecific = { case: undefined })),
  ],
  ["servicing-data-given", "servicingData", (p) => (p.servicingData = create(ServicingDataSchema))],
  [
    "loan-state-time",
    "servicingData.loanState[0].effectiveTime",
    (p) => (p.servicingData.loanState[0]!.effectiveTime = create(TimestampSchema)),
  ],
  [
    "asset-kept",
    "asset.id.value",
    (p, records) => {
      records.asset = clone(AssetSchema, p.asset);
      p.asset.id!.value = OTHER_UUID;
    },
  ],
  [
    "asset-kept",
    "asset.type",
    (p, records) => {
      records.asset = clone(AssetSchema, p.asset);
      p.asset.type = "ANOTHER";
    },
  ],
  [
    "loan-kept",
    `${LOAN}.id.value`,
    (p, records) => {
      records.asset = clone(AssetSchema, p.asset);
      inLoan((l) => (l.id!.value = OTHER_UUID))(p);
    },
  ],
  [
    "loan-kept",
    `${LOAN}.originatorName`,
    (p, records) => {
      records.asset = clone(AssetSchema, p.asset);
      inLoan((l) => (l.originatorName = "Another Lender"))(p);
    },
  ],
  ["loan-states-distinct", "servicingData.loanState[0]", (p, records) => (records.servicingData = p.servicingData)],
  [
    "document-kept",
    "servicingData.docMeta[0]",
    (p, records) => {
      records.servicingData = clone(ServicingDataSchema, p.servicingData);
      p.servicingData.loanState = [];
      p.servicingData.docMeta[0]!.uri = "object://elsewhere";
    },
  ],
];

const appendLoanDocuments: readonly Row<"append-loan-documents">[] = [
  ["documents-given", "documents.document", (p) => (p.documents.document = [])],
  [
    "documents-distinct",
    "documents.document[3].checksum.checksum",
    (p) => p.documents.document.push(p.documents.document[1]!),
  ],
  ["document-uri", "documents.document[1].uri", (p) => (p.documents.document[1]!.uri = " ")],
  ["document-kept", "documents.document[0]", (p) => (p.documents.document[0]!.uri = "object://elsewhere")],
  ["document-kept", "documents.document[0]", (p) => (p.documents.document[0]!.id!.value = OTHER_UUID)],
  ["document-kept", "documents.document[0]", (p) => (p.documents.document[0]!.contentType = "text/html")],
  ["document-kept", "documents.document[0]", (p) => (p.documents.document[0]!.documentType = "ANOTHER")],
  ["document-kept", "documents.document[0]", (p) => (p.documents.document[0]!.checksum!.algorithm = "SHA-256")],
  [
    "servicing-guidance",
    "documents.metadataKv.servicingDocuments",
    (p) => (p.documents.metadataKv.servicingDocuments = packAny(TimestampSchema, create(TimestampSchema))),
  ],
];

const appendLoanStates: readonly Row<"append-loan-states">[] = [
  ["loan-states-given", "newLoanStates.loanState", (p) => (p.newLoanStates.loanState = [])],
  ["loan-state-id", "newLoanStates.loanState[0].id.value", (p) => delete p.newLoanStates.loanState[0]!.id],
  [
    "loan-state-time",
    "newLoanStates.loanState[0].effectiveTime",
    (p) => delete p.newLoanStates.loanState[0]!.effectiveTime,
  ],
  [
    "loan-state-time",
    "newLoanStates.loanState[1].effectiveTime",
    (p) => (p.newLoanStates.loanState[1]!.effectiveTime = create(TimestampSchema)),
  ],
  [
    "time-not-future",
    "newLoanStates.loanState[1].effectiveTime",
    (p) => (p.newLoanStates.loanState[1]!.effectiveTime!.seconds = FUTURE),
  ],
  ["loan-state-uri", "newLoanStates.loanState[0].uri", (p) => (p.newLoanStates.loanState[0]!.uri = "")],
  ["checksum-given", "newLoanStates.loanState[0].checksum", (p) => delete p.newLoanStates.loanState[0]!.checksum],
  [
    "loan-states-distinct",
    "newLoanStates.loanState[1]",
    (p) => (p.newLoanStates.loanState[1]!.checksum = p.newLoanStates.loanState[0]!.checksum!),
  ],
  [
    "loan-states-distinct",
    "newLoanStates.loanState[0]",
    (p, records) => (p.newLoanStates.loanState[0]!.id = records.servicingData!.loanState[0]!.id!),
  ],
  [
    "loan-states-distinct",
    "newLoanStates.loanState[0]",
    (p, records) => (p.newLoanStates.loanState[0]!.effectiveTime = records.servicingData!.loanState[1]!.effectiveTime!),
  ],
];

const recordENote: readonly Row<"record-e-note">[] = [
  ["note-controller", "eNote.controller", (p) => delete p.eNote.controller],
  ["note-document", "eNote.eNote", (p) => delete p.eNote.eNote],
  ["document-uri", "eNote.eNote.uri", (p) => (p.eNote.eNote!.uri = "")],
  ["note-signed", "eNote.signedDate.value", (p) => delete p.eNote.signedDate],
  ["note-signed", "eNote.signedDate.value", (p) => (p.eNote.signedDate!.value = "2999-01-01")],
  ["note-vault", "eNote.vaultName", (p) => (p.eNote.vaultName = "")],
  ["document-id", "eNote.borrowerSignatureImage[0].id.value", (p) => delete p.eNote.borrowerSignatureImage[0]!.id],
  [
    "documents-distinct",
    "eNote.borrowerSignatureImage[1].checksum.checksum",
    (p) => (p.eNote.borrowerSignatureImage[1] = p.eNote.borrowerSignatureImage[0]!),
  ],
  ["servicing-data-given", "servicingData", (p) => (p.servicingData = create(ServicingDataSchema))],
  [
    "loan-states-distinct",
    "servicingData.loanState[1]",
    (p) => (p.servicingData.loanState[1] = p.servicingData.loanState[0]!),
  ],
];

const updateENote: readonly Row<"update-e-note">[] = [
  ["document-id", "newENote.id.value", (p) => delete p.newENote.id],
  ["document-uri", "newENote.uri", (p) => (p.newENote.uri = "")],
  ["document-file-name", "newENote.fileName", (p) => (p.newENote.fileName = "")],
  ["document-content-type", "newENote.contentType", (p) => (p.newENote.contentType = "")],
  ["document-type", "newENote.documentType", (p) => (p.newENote.documentType = "")],
  ["checksum-given", "newENote.checksum", (p) => delete p.newENote.checksum],
  ["checksum-algorithm-given", "newENote.checksum.algorithm", (p) => (p.newENote.checksum!.algorithm = "")],
  ["document-kept", "newENote", (p, records) => (p.newENote.checksum = records.eNote!.eNote!.checksum!)],
];

const updateENoteController: readonly Row<"update-e-note-controller">[] = [
  ["note-controller", "newController.controllerUuid.value", (p) => delete p.newController.controllerUuid],
  ["note-controller", "newController.controllerName", (p) => (p.newController.controllerName = " ")],
];

const updateServicingRights: readonly Row<"update-servicing-rights">[] = [
  ["servicer-id", "servicingRights.servicerId.value", (p) => (p.servicingRights.servicerId!.value = "47")],
  ["servicer-name", "servicingRights.servicerName", (p) => (p.servicingRights.servicerName = "")],
];

const NEW_PAID = "newFunding.disbursements[0]";
const updateFunding: readonly Row<"update-funding">[] = [
  ["asset-holds-loan", LOAN, (_, records) => delete records.asset!.kv.loan],
  ["funding-status", "newFunding.status", (p) => delete p.newFunding.status],
  ["funding-status", "newFunding.status.status", (p) => (p.newFunding.status!.status = "SPENT")],
  ["funding-times", "newFunding.started", (p) => delete p.newFunding.started],
  ["funding-times", "newFunding.completed", (p) => (p.newFunding.completed!.seconds = 1n)],
  ["time-not-future", "newFunding.status.effectiveTime", (p) => (p.newFunding.status!.effectiveTime!.seconds = FUTURE)],
  ["disbursements-given", "newFunding.disbursements", (p) => (p.newFunding.disbursements = [])],
  [
    "disbursements-distinct",
    "newFunding.disbursements[1].id.value",
    (p) => (p.newFunding.disbursements[1]!.id = p.newFunding.disbursements[0]!.id!),
  ],
  ["disbursement-id", `${NEW_PAID}.id.value`, (p) => delete p.newFunding.disbursements[0]!.id],
  ["amount-given", `${NEW_PAID}.amount`, (p) => delete p.newFunding.disbursements[0]!.amount],
  ["amount-decimal", `${NEW_PAID}.amount.value`, (p) => (p.newFunding.disbursements[0]!.amount!.value = "many")],
  ["currency-code", `${NEW_PAID}.amount.currency`, (p) => (p.newFunding.disbursements[0]!.amount!.currency = "")],
  [
    "disbursement-not-negative",
    `${NEW_PAID}.amount.value`,
    (p) => (p.newFunding.disbursements[0]!.amount!.value = "-1"),
  ],
  ["disbursement-status", `${NEW_PAID}.status`, (p) => delete p.newFunding.disbursements[0]!.status],
  ["account-given", `${NEW_PAID}.disburseAccount`, (p) => delete p.newFunding.disbursements[0]!.disburseAccount],
  [
    "account-owner",
    `${NEW_PAID}.disburseAccount.accountOwnerId.value`,
    (p) => delete p.newFunding.disbursements[0]!.disburseAccount!.accountOwnerId,
  ],
  [
    "account-kind",
    "newFunding.disbursements[1].disburseAccount",
    (p) => {
      const { typeSpecific } = p.newFunding.disbursements[1]!.disburseAccount!;
      if (typeSpecific.case === "provenance") typeSpecific.value.address = "tp1short";
    },
  ],
];

const recordLoanValidationRequest: readonly Row<"record-loan-validation-request">[] = [
  ["validation-request", "newRequest.requestId.value", (p) => delete p.newRequest.requestId],
  ["validation-request", "newRequest.effectiveTime", (p) => delete p.newRequest.effectiveTime],
  ["time-not-future", "newRequest.effectiveTime", (p) => (p.newRequest.effectiveTime!.seconds = FUTURE)],
  ["validation-request", "newRequest.validatorName", (p) => (p.newRequest.validatorName = "")],
  ["validation-request", "newRequest.requesterName", (p) => (p.newRequest.requesterName = "")],
  [
    "validations-distinct",
    "newRequest.requestId.value",
    (p, records) => (p.newRequest.requestId = records.loanValidation!.iteration[0]!.request!.requestId!),
  ],
];

const recordLoanValidationResults: readonly Row<"record-loan-validation-results">[] = [
  ["validation-given", "loanValidation.iteration", (_, records) => (records.loanValidation!.iteration = [])],
  ["validation-request", "resultSubmission.requestId.value", (p) => delete p.resultSubmission.requestId],
  [
    "validation-requested",
    "resultSubmission.requestId.value",
    (p) => (p.resultSubmission.requestId!.value = OTHER_UUID),
  ],
  [
    "validation-requested",
    "resultSubmission.requestId.value",
    (_, { loanValidation }) => loanValidation!.iteration.push(loanValidation!.iteration[1]!),
  ],
  ["validation-results", "resultSubmission.results", (p) => delete p.resultSubmission.results],
  ["validation-results", "resultSubmission.results.id.value", (p) => delete p.resultSubmission.results!.id],
  [
    "validation-results",
    "resultSubmission.results.effectiveTime",
    (p) => delete p.resultSubmission.results!.effectiveTime,
  ],
  [
    "time-not-future",
    "resultSubmission.results.effectiveTime",
    (p) => (p.resultSubmission.results!.effectiveTime!.seconds = FUTURE),
  ],
  ["validation-results", "resultSubmission.results.uri", (p) => (p.resultSubmission.results!.uri = "")],
  ["checksum-given", "resultSubmission.results.checksum", (p) => delete p.resultSubmission.results!.checksum],
];

const recordStandaloneLoanValidationResults: readonly Row<"record-standalone-loan-validation-results">[] = [
  ["validation-request", "validationIteration.request", (p) => delete p.validationIteration.request],
  [
    "validation-request",
    "validationIteration.request.requestId.value",
    (p) => delete p.validationIteration.request!.requestId,
  ],
  ["validation-results", "validationIteration.results", (p) => delete p.validationIteration.results],
  ["validation-results", "validationIteration.results.uri", (p) => (p.validationIteration.results!.uri = "")],
];

/** For each rule of each contract at least one sample that breaks it. */
export const brokenSamples: readonly BrokenSample[] = [
  ...samples("record-loan", recordLoan),
  ...samples("append-loan-documents", appendLoanDocuments),
  ...samples("append-loan-states", appendLoanStates),
  ...samples("record-e-note", recordENote),
  ...samples("update-e-note", updateENote),
  ...samples("update-e-note-controller", updateENoteController),
  ...samples("update-servicing-rights", updateServicingRights),
  ...samples("update-funding", updateFunding),
  ...samples("record-loan-validation-request", recordLoanValidationRequest),
  ...samples("record-loan-validation-results", recordLoanValidationResults),
  ...samples("record-standalone-loan-validation-results", recordStandaloneLoanValidationResults),
];

function samples<N extends LoanContractName>(contract: N, rows: readonly Row<N>[]): readonly BrokenSample[] {
  return rows.map(([rule, field, change]) => ({
    contract,
    rule,
    field,
    apply: (sample: ContractSample) => {
      const { inputs, records } = sample as unknown as ContractSample<N>;
      change(inputs, records);
    },
  }));
}
