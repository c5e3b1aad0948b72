import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { equals, fromBinary, toBinary } from "@bufbuild/protobuf";
import { anyPack, timestampFromDate } from "@bufbuild/protobuf/wkt";
import { type BuiltContract, buildContract } from "@p8e/contract";
import { type FunctionOutcome, openSandbox, type Sandbox } from "@p8e/engine";
import {
  contractEntry,
  inputSchemas,
  type Loan,
  type LoanPackage,
  LoanSchema,
  loadSamplePackage,
  scopeSpecification,
} from "@p8e/example-loan";

const now = timestampFromDate(new Date("2026-01-01T00:00:00Z"));
type InputName = keyof LoanPackage;
const names = Object.keys(inputSchemas) as InputName[];
const functionOf: Record<InputName, string> = {
  asset: "recordAsset",
  documents: "recordDocuments",
  eNote: "recordENote",
  loanValidation: "recordValidationData",
  servicingData: "recordServicingData",
  servicingRights: "recordServicingRights",
};

let sandbox: Sandbox;
let built: BuiltContract;
before(async () => {
  sandbox = openSandbox();
  built = await buildContract({ entry: contractEntry, describe: (bundle) => sandbox.describe(bundle) });
});
after(() => sandbox[Symbol.asyncDispose]());

const bytesOf = (loan: LoanPackage, name: InputName): Uint8Array => toBinary(inputSchemas[name], loan[name] as never);

async function record(
  loan: LoanPackage,
  wanted: readonly InputName[],
  existing: Partial<LoanPackage> = {},
): Promise<readonly FunctionOutcome[]> {
  const { outcomes } = await sandbox.run(built.bundle, {
    startedAt: now,
    records: (Object.keys(existing) as InputName[]).map((name) => [name, bytesOf(existing as LoanPackage, name)]),
    inputs: wanted.map((name) => [name, bytesOf(loan, name)]),
    calls: wanted.map((name) => functionOf[name]),
  });
  return outcomes;
}

/** The loan inside the asset, changed in place. */
function changeLoan(loan: LoanPackage, change: (inner: Loan) => void): void {
  const any = loan.asset.kv.loan!;
  const inner = fromBinary(LoanSchema, any.value);
  change(inner);
  any.value = toBinary(LoanSchema, inner);
}

describe("the loan contract", () => {
  it("is a bundle without the scope specification beside it: another description is no other contract", () => {
    assert.ok(!new TextDecoder().decode(built.bundle).includes(scopeSpecification.description));
  });

  it("records the sound package as it is", async () => {
    const loan = await loadSamplePackage("sound");
    const outcomes = await record(loan, names);
    assert.deepEqual(
      outcomes.map((outcome) => outcome.kind),
      names.map(() => "output"),
    );
    for (const [index, name] of names.entries()) {
      const outcome = outcomes[index]!;
      assert.ok(outcome.kind === "output");
      const schema = inputSchemas[name];
      assert.ok(equals(schema, fromBinary(schema, outcome.output) as never, loan[name] as never), name);
    }
  });

  it("refuses the package with a negative principal by rule and field", async () => {
    const [outcome] = await record(await loadSamplePackage("negative-principal"), names);
    assert.ok(outcome?.kind === "failure");
    assert.equal(outcome.name, "recordAsset");
    assert.equal(outcome.failure.code, "contract.failed");
    assert.deepEqual(outcome.failure.facts, {
      rule: "positive-principal",
      field: "asset.kv.loan.terms.principalAmount.value",
    });
  });

  it("is made for its owner alone, and says what other implementations may write differently", () => {
    const { manifest } = built;
    assert.deepEqual(manifest.participants, ["OWNER"]);
    assert.deepEqual(manifest.scopes, [scopeSpecification.name]);
    assert.deepEqual([...new Set(manifest.warnings.map((warning) => warning.rule))].sort(), [
      "output-any",
      "output-float",
      "output-map",
    ]);
  });
});

type Change = (loan: LoanPackage) => void;
const inLoan =
  (change: (inner: Loan) => void): Change =>
  (loan) =>
    changeLoan(loan, change);
const LOAN = "asset.kv.loan";
const PAID = `${LOAN}.funding.disbursements[0]`;

/** Input, rule, field, and what breaks it. */
const broken: readonly (readonly [InputName, string, string, Change])[] = [
  ["asset", "asset-id", "asset.id.value", (p) => delete p.asset.id],
  ["asset", "asset-id", "asset.id.value", (p) => (p.asset.id!.value = "1")],
  ["asset", "asset-type", "asset.type", (p) => (p.asset.type = " ")],
  ["asset", "asset-holds-loan", LOAN, (p) => delete p.asset.kv.loan],
  ["asset", "asset-holds-loan", LOAN, (p) => (p.asset.kv.loan = anyPack(inputSchemas.asset, p.asset))],
  ["asset", "mismo-loan", "asset.kv.mismoLoan", (p) => (p.asset.kv.mismoLoan = p.asset.kv.loan!)],
  ["asset", "loan-id", `${LOAN}.id.value`, inLoan((l) => delete l.id)],
  ["asset", "originator-id", `${LOAN}.originatorUuid.value`, inLoan((l) => delete l.originatorUuid)],
  ["asset", "originator-name", `${LOAN}.originatorName`, inLoan((l) => (l.originatorName = ""))],
  ["asset", "universal-loan-id", `${LOAN}.uli`, inLoan((l) => (l.uli = "SHORT"))],
  ["asset", "universal-loan-id", `${LOAN}.uli`, inLoan((l) => (l.uli = "SYNTHETIC-LEI-0000000-LOAN1"))],
  ["asset", "terms-given", `${LOAN}.terms`, inLoan((l) => delete l.terms)],
  ["asset", "amount-given", `${LOAN}.terms.principalAmount`, inLoan((l) => delete l.terms!.principalAmount)],
  [
    "asset",
    "amount-decimal",
    `${LOAN}.terms.principalAmount.value`,
    inLoan((l) => (l.terms!.principalAmount!.value = "1e6")),
  ],
  ["asset", "amount-decimal", `${LOAN}.terms.totalAmount.value`, inLoan((l) => (l.terms!.totalAmount!.value = ""))],
  [
    "asset",
    "currency-code",
    `${LOAN}.terms.principalAmount.currency`,
    inLoan((l) => (l.terms!.principalAmount!.currency = "usd")),
  ],
  [
    "asset",
    "positive-principal",
    `${LOAN}.terms.principalAmount.value`,
    inLoan((l) => (l.terms!.principalAmount!.value = "0.00")),
  ],
  [
    "asset",
    "one-currency",
    `${LOAN}.terms.totalAmount.currency`,
    inLoan((l) => (l.terms!.totalAmount!.currency = "EUR")),
  ],
  [
    "asset",
    "total-covers-principal",
    `${LOAN}.terms.totalAmount.value`,
    inLoan((l) => (l.terms!.totalAmount!.value = "249999.999")),
  ],
  ["asset", "positive-term", `${LOAN}.terms.termInMonths`, inLoan((l) => (l.terms!.termInMonths = 0))],
  ["asset", "rate-given", `${LOAN}.terms.interestRate`, inLoan((l) => delete l.terms!.interestRate)],
  ["asset", "rate-decimal", `${LOAN}.terms.interestRate.rate`, inLoan((l) => (l.terms!.interestRate!.rate = "6%"))],
  ["asset", "rate-in-range", `${LOAN}.terms.interestRate.rate`, inLoan((l) => (l.terms!.interestRate!.rate = "6.25"))],
  [
    "asset",
    "date-valid",
    `${LOAN}.terms.dates.signedDate.value`,
    inLoan((l) => (l.terms!.dates!.signedDate!.value = "2025-02-29")),
  ],
  ["asset", "funding-status", `${LOAN}.funding.status`, inLoan((l) => delete l.funding!.status)],
  ["asset", "funding-status", `${LOAN}.funding.status.status`, inLoan((l) => (l.funding!.status!.status = "SPENT"))],
  ["asset", "funding-times", `${LOAN}.funding.started`, inLoan((l) => delete l.funding!.started)],
  ["asset", "funding-times", `${LOAN}.funding.completed`, inLoan((l) => (l.funding!.completed!.seconds = 1n))],
  [
    "asset",
    "time-not-future",
    `${LOAN}.funding.completed`,
    inLoan((l) => (l.funding!.completed!.seconds = now.seconds + 1n)),
  ],
  ["asset", "disbursements-given", `${LOAN}.funding.disbursements`, inLoan((l) => (l.funding!.disbursements = []))],
  [
    "asset",
    "disbursements-distinct",
    `${LOAN}.funding.disbursements[1].id.value`,
    inLoan((l) => l.funding!.disbursements.push(l.funding!.disbursements[0]!)),
  ],
  ["asset", "disbursement-id", `${PAID}.id.value`, inLoan((l) => delete l.funding!.disbursements[0]!.id)],
  [
    "asset",
    "disbursement-not-negative",
    `${PAID}.amount.value`,
    inLoan((l) => (l.funding!.disbursements[0]!.amount!.value = "-.01")),
  ],
  ["asset", "disbursement-status", `${PAID}.status`, inLoan((l) => delete l.funding!.disbursements[0]!.status)],
  [
    "asset",
    "account-given",
    `${PAID}.disburseAccount`,
    inLoan((l) => delete l.funding!.disbursements[0]!.disburseAccount),
  ],
  [
    "asset",
    "account-owner",
    `${PAID}.disburseAccount.accountOwnerId.value`,
    inLoan((l) => delete l.funding!.disbursements[0]!.disburseAccount!.accountOwnerId),
  ],
  [
    "asset",
    "account-kind",
    `${PAID}.disburseAccount`,
    inLoan((l) => (l.funding!.disbursements[0]!.disburseAccount!.typeSpecific = { case: undefined })),
  ],
  ["documents", "documents-given", "documents.document", (p) => (p.documents.document = [])],
  [
    "documents",
    "documents-distinct",
    "documents.document[3].checksum.checksum",
    (p) => p.documents.document.push(p.documents.document[0]!),
  ],
  ["documents", "document-id", "documents.document[1].id.value", (p) => delete p.documents.document[1]!.id],
  ["documents", "document-uri", "documents.document[0].uri", (p) => (p.documents.document[0]!.uri = "")],
  [
    "documents",
    "document-file-name",
    "documents.document[0].fileName",
    (p) => (p.documents.document[0]!.fileName = ""),
  ],
  [
    "documents",
    "document-content-type",
    "documents.document[0].contentType",
    (p) => (p.documents.document[0]!.contentType = ""),
  ],
  [
    "documents",
    "document-type",
    "documents.document[0].documentType",
    (p) => (p.documents.document[0]!.documentType = ""),
  ],
  ["documents", "checksum-given", "documents.document[0].checksum", (p) => delete p.documents.document[0]!.checksum],
  [
    "documents",
    "checksum-algorithm-given",
    "documents.document[0].checksum.algorithm",
    (p) => (p.documents.document[0]!.checksum!.algorithm = ""),
  ],
  [
    "documents",
    "checksum-sha256",
    "documents.document[0].checksum.checksum",
    (p) => (p.documents.document[0]!.checksum!.checksum = "abc="),
  ],
  ["eNote", "note-controller", "eNote.controller", (p) => delete p.eNote.controller],
  ["eNote", "note-controller", "eNote.controller.controllerName", (p) => (p.eNote.controller!.controllerName = "")],
  ["eNote", "note-document", "eNote.eNote", (p) => delete p.eNote.eNote],
  ["eNote", "note-signed", "eNote.signedDate.value", (p) => (p.eNote.signedDate!.value = "2026-01-03")],
  ["eNote", "note-vault", "eNote.vaultName", (p) => (p.eNote.vaultName = "")],
  [
    "eNote",
    "documents-distinct",
    "eNote.borrowerSignatureImage[1].checksum.checksum",
    (p) => (p.eNote.borrowerSignatureImage[1] = p.eNote.borrowerSignatureImage[0]!),
  ],
  ["servicingRights", "servicer-id", "servicingRights.servicerId.value", (p) => delete p.servicingRights.servicerId],
  ["servicingRights", "servicer-name", "servicingRights.servicerName", (p) => (p.servicingRights.servicerName = "")],
  [
    "servicingData",
    "loan-state-id",
    "servicingData.loanState[0].id.value",
    (p) => delete p.servicingData.loanState[0]!.id,
  ],
  [
    "servicingData",
    "loan-state-time",
    "servicingData.loanState[0].effectiveTime",
    (p) => delete p.servicingData.loanState[0]!.effectiveTime,
  ],
  [
    "servicingData",
    "time-not-future",
    "servicingData.loanState[1].effectiveTime",
    (p) => (p.servicingData.loanState[1]!.effectiveTime!.seconds = now.seconds + 1n),
  ],
  [
    "servicingData",
    "loan-state-uri",
    "servicingData.loanState[0].uri",
    (p) => (p.servicingData.loanState[0]!.uri = ""),
  ],
  [
    "servicingData",
    "loan-states-distinct",
    "servicingData.loanState[1]",
    (p) => (p.servicingData.loanState[1]!.id = p.servicingData.loanState[0]!.id!),
  ],
  ["loanValidation", "validation-given", "loanValidation.iteration", (p) => (p.loanValidation.iteration = [])],
  [
    "loanValidation",
    "validation-request",
    "loanValidation.iteration[0].request",
    (p) => delete p.loanValidation.iteration[0]!.request,
  ],
  [
    "loanValidation",
    "validation-request",
    "loanValidation.iteration[0].request.validatorName",
    (p) => (p.loanValidation.iteration[0]!.request!.validatorName = ""),
  ],
  [
    "loanValidation",
    "validation-results",
    "loanValidation.iteration[0].results",
    (p) => delete p.loanValidation.iteration[0]!.results,
  ],
  [
    "loanValidation",
    "validation-results",
    "loanValidation.iteration[0].results.uri",
    (p) => (p.loanValidation.iteration[0]!.results!.uri = ""),
  ],
  [
    "loanValidation",
    "validations-distinct",
    "loanValidation.iteration[1].request.requestId.value",
    (p) => p.loanValidation.iteration.push(p.loanValidation.iteration[0]!),
  ],
];

describe("a rule of the loan contract", () => {
  for (const [input, rule, field, change] of broken) {
    it(`is named with its field: ${rule} at ${field}`, async () => {
      const loan = await loadSamplePackage("sound");
      change(loan);
      const [outcome] = await record(loan, [input]);
      assert.ok(outcome?.kind === "failure", "the package was accepted");
      assert.deepEqual(outcome.failure.facts, { rule, field });
    });
  }
});

describe("a loan that is recorded already", () => {
  const rejected = async (name: InputName, existing: Partial<LoanPackage>, loan: LoanPackage): Promise<unknown> => {
    const [outcome] = await record(loan, [name], existing);
    return outcome?.kind === "failure" ? outcome.failure.facts : "accepted";
  };

  it("keeps its identity", async () => {
    const before = await loadSamplePackage("sound");
    const after = await loadSamplePackage("sound");
    assert.equal(await rejected("asset", { asset: before.asset }, after), "accepted");
    changeLoan(after, (inner) => {
      inner.originatorName = "Another Lender";
    });
    assert.deepEqual(await rejected("asset", { asset: before.asset }, after), {
      rule: "loan-kept",
      field: "asset.kv.loan.originatorName",
    });
    after.asset.id!.value = "00000000-0000-4000-8000-000000000099";
    assert.deepEqual(await rejected("asset", { asset: before.asset }, after), {
      rule: "asset-kept",
      field: "asset.id.value",
    });
  });

  it("takes new servicing data behind what it has, and no state twice", async () => {
    const { servicingData: before } = await loadSamplePackage("sound");
    const after = await loadSamplePackage("sound");
    assert.deepEqual(await rejected("servicingData", { servicingData: before }, after), {
      rule: "loan-states-distinct",
      field: "servicingData.loanState[0]",
    });
    const [state] = after.servicingData.loanState;
    state!.id!.value = "00000000-0000-4000-8000-000000000050";
    state!.effectiveTime!.seconds += 86_400n;
    state!.checksum!.checksum = state!.checksum!.checksum.replace(/^./, "_").replace("_", "A");
    after.servicingData.loanState = [state!];
    delete after.servicingData.assetType;
    const changed = state!.checksum!.checksum !== before.loanState[0]!.checksum!.checksum;
    assert.ok(changed);
    const [outcome] = await record(after, ["servicingData"], { servicingData: before });
    assert.ok(outcome?.kind === "output");
    const merged = fromBinary(inputSchemas.servicingData, outcome.output);
    assert.deepEqual(
      merged.loanState.map((one) => one.id!.value.slice(-2)),
      ["21", "22", "50"],
    );
    assert.equal(merged.docMeta.length, 1);
    assert.deepEqual(merged.assetType, before.assetType);
  });

  it("keeps documents of servicing as they were recorded", async () => {
    const { servicingData: before } = await loadSamplePackage("sound");
    const after = await loadSamplePackage("sound");
    after.servicingData.loanState = [];
    after.servicingData.docMeta[0]!.uri = "object://elsewhere";
    assert.deepEqual(await rejected("servicingData", { servicingData: before }, after), {
      rule: "document-kept",
      field: "servicingData.docMeta[0]",
    });
  });
});
