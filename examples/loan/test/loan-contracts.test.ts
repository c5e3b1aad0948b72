import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { describe, it } from "node:test";
import { create, type DescMessage, equals, fromBinary, type Message, toBinary } from "@bufbuild/protobuf";
import { timestampFromDate } from "@bufbuild/protobuf/wkt";
import { classNameOfContract, type RuleViolation } from "@p8e/contract";
import { tryContract } from "@p8e/contract/testing";
import {
  AssetSchema,
  brokenSamples,
  type ContractSample,
  ENoteSchema,
  type LoanContractName,
  LoanDocumentsSchema,
  LoanSchema,
  LoanValidationSchema,
  loadContractSample,
  loanContracts,
  ServicingDataSchema,
} from "@p8e/example-loan";

const startedAt = timestampFromDate(new Date("2026-01-01T00:00:00Z"));
const names = Object.keys(loanContracts) as LoanContractName[];

/** Runs a contract on a sample, whichever it is. */
function run(name: LoanContractName, { inputs, records }: ContractSample): ReadonlyMap<string, Message> {
  return tryContract(loanContracts[name], { inputs, records, startedAt } as never);
}

/** How a contract refuses; "accepted" if it does not. */
function refusal(name: LoanContractName, sample: ContractSample): unknown {
  try {
    run(name, sample);
    return "accepted";
  } catch (thrown) {
    const { rule, field } = thrown as RuleViolation;
    assert.ok(rule !== undefined, String(thrown));
    return { rule, field };
  }
}

async function written<S extends DescMessage>(
  name: LoanContractName,
  record: string,
  schema: S,
  change?: (sample: never) => void,
) {
  const sample = await loadContractSample(name);
  change?.(sample as never);
  const message = run(name, sample).get(record);
  assert.ok(message, `no record ${record}`);
  return fromBinary(schema, toBinary(schema, message as never));
}

describe("the contracts of the loan", () => {
  it("are the eleven of the existing stack, a file each, named for their classes", () => {
    const files = readdirSync(new URL("../src/contracts/", import.meta.url)).sort();
    assert.deepEqual(files, names.map((name) => `${name}.ts`).sort());
    const classes = names.map((name) => classNameOfContract(loanContracts[name]));
    assert.deepEqual(classes, [
      "example.loan.RecordLoan",
      "example.loan.AppendLoanDocuments",
      "example.loan.AppendLoanStates",
      "example.loan.RecordENote",
      "example.loan.UpdateENote",
      "example.loan.UpdateENoteController",
      "example.loan.UpdateServicingRights",
      "example.loan.UpdateFunding",
      "example.loan.RecordLoanValidationRequest",
      "example.loan.RecordLoanValidationResults",
      "example.loan.RecordStandaloneLoanValidationResults",
    ]);
  });

  for (const name of names) {
    it(`${name} accepts its sample`, async () => {
      const sample = await loadContractSample(name);
      assert.ok(run(name, sample).size > 0);
    });
  }
});

describe("a loan package", () => {
  it("needs no more than the existing stack's guide has in its smallest", async () => {
    const sample = await loadContractSample("record-loan");
    const { asset, servicingRights, documents } = sample.inputs;
    const any = asset.kv.loan!;
    const { id, originatorName, originatorLoanId, originatorUuid, uli, assetType, terms } = fromBinary(
      LoanSchema,
      any.value,
    );
    const { principalAmount, termInMonths, interestRate } = terms!;
    const smallest = {
      ...{ id: id!, originatorName, originatorLoanId, originatorUuid: originatorUuid!, uli, assetType: assetType! },
      terms: { principalAmount: principalAmount!, termInMonths, interestRate: interestRate! },
    };
    any.value = toBinary(LoanSchema, create(LoanSchema, smallest));
    documents.document = [documents.document[0]!];
    const inputs = { asset, servicingRights, documents };
    assert.deepEqual(
      [...run("record-loan", { inputs, records: {} } as never).keys()],
      ["asset", "servicingRights", "documents"],
    );
  });
});

describe("a rule of the loan", () => {
  for (const { contract, rule, field, apply } of brokenSamples) {
    it(`is named with its field by ${contract}: ${rule} at ${field}`, async () => {
      const sample = await loadContractSample(contract);
      apply(sample);
      assert.deepEqual(refusal(contract, sample), { rule, field });
    });
  }

  it("is broken by a sample for each name that the rules have", () => {
    const folder = new URL("../src/rules/", import.meta.url);
    const source = readdirSync(folder).map((file) => readFileSync(new URL(file, folder), "utf8"));
    // The names of rules are the only texts there that are words joined by hyphens.
    const stated = new Set(
      source
        .join("\n")
        .match(/"[a-z]+(?:-[a-z0-9]+)+"/g)
        ?.map((text) => text.slice(1, -1)),
    );
    const broken = new Set(brokenSamples.map(({ rule }) => rule));
    assert.deepEqual(
      [...stated].filter((rule) => !broken.has(rule)),
      [],
    );
    assert.deepEqual(
      [...broken].filter((rule) => !stated.has(rule)),
      [],
    );
  });
});

describe("what the contracts write", () => {
  it("documents join those recorded; one that is there takes its place, and designated ones join the servicing data", async () => {
    const documents = await written("append-loan-documents", "documents", LoanDocumentsSchema);
    assert.deepEqual(
      documents.document.map((each) => each.fileName),
      [
        "synthetic-loan-file.txt",
        "synthetic-disclosure.txt",
        "synthetic-deed.txt",
        "synthetic-insurance.txt",
        "synthetic-escrow.txt",
      ],
    );
    const servicing = await written("append-loan-documents", "servicingData", ServicingDataSchema);
    assert.deepEqual(
      servicing.docMeta.map((each) => each.fileName),
      ["synthetic-transfer.txt", "synthetic-escrow.txt"],
    );
    assert.equal(servicing.loanState.length, 2);
  });

  it("a document's fields that were blank before may be filled in", async () => {
    const documents = await written(
      "append-loan-documents",
      "documents",
      LoanDocumentsSchema,
      (sample: ContractSample<"append-loan-documents">) => {
        sample.records.documents!.document[1]!.uri = "";
        delete sample.records.documents!.document[1]!.id;
      },
    );
    assert.match(documents.document[1]!.uri, /^object:/);
    assert.ok(documents.document[1]!.id);
  });

  it("documents without guidance leave the servicing data as they are", async () => {
    const sample = await loadContractSample("append-loan-documents");
    sample.inputs.documents.metadataKv = {};
    const message = run("append-loan-documents", sample).get("servicingData");
    assert.ok(equals(ServicingDataSchema, message as never, sample.records.servicingData!));
    const fresh = run("append-loan-documents", { ...sample, records: {} } as never).get("servicingData");
    assert.equal(toBinary(ServicingDataSchema, fresh as never).length, 0);
  });

  it("loan states stand behind those recorded; a scope without servicing data gets them", async () => {
    const after = await written("append-loan-states", "servicingData", ServicingDataSchema);
    assert.deepEqual(
      after.loanState.map((each) => each.id!.value.slice(-2)),
      ["21", "22", "43", "44"],
    );
    assert.ok(after.originalNoteAmount);
    const sample = await loadContractSample("append-loan-states");
    const first = run("append-loan-states", { ...sample, records: {} } as never).get("servicingData");
    assert.equal((first as unknown as typeof after).loanState.length, 2);
  });

  it("an eNote is recorded once: where there is one, nothing runs", async () => {
    const { inputs } = await loadContractSample("record-e-note");
    const both = { eNote: inputs.eNote, servicingData: inputs.servicingData };
    assert.deepEqual([...run("record-e-note", { inputs, records: both } as never).keys()], []);
  });

  it("an eNote gets another document or controller, and keeps the rest", async () => {
    const updated = await written("update-e-note", "eNote", ENoteSchema);
    assert.equal(updated.eNote!.fileName, "synthetic-note-2.txt");
    assert.equal(updated.vaultName, "Synthetic Vault");
    assert.equal(updated.borrowerSignatureImage.length, 2);
    const handed = await written("update-e-note-controller", "eNote", ENoteSchema);
    assert.equal(handed.controller!.controllerName, "Synthetic Investor");
    assert.equal(handed.eNote!.fileName, "synthetic-note.txt");
  });

  it("funding alone of a loan is replaced", async () => {
    const sample = await loadContractSample("update-funding");
    const before = fromBinary(LoanSchema, sample.records.asset!.kv.loan!.value);
    const asset = await written("update-funding", "asset", AssetSchema);
    const after = fromBinary(LoanSchema, asset.kv.loan!.value);
    assert.ok(equals(LoanSchema, after, { ...before, funding: sample.inputs.newFunding }));
    assert.equal(asset.kv.loan!.typeUrl, sample.records.asset!.kv.loan!.typeUrl);
    assert.deepEqual(asset.id, sample.records.asset!.id);
  });

  it("a validation request waits behind the iterations there are, and its results come into it, again if need be", async () => {
    const asked = await written("record-loan-validation-request", "loanValidation", LoanValidationSchema);
    assert.deepEqual(
      asked.iteration.map(({ results }) => results !== undefined),
      [true, false],
    );
    const answered = await written("record-loan-validation-results", "loanValidation", LoanValidationSchema);
    assert.deepEqual(
      answered.iteration.map(({ results }) => results?.id?.value.slice(-2)),
      ["33", "51"],
    );
    const again = await loadContractSample("record-loan-validation-results");
    again.records.loanValidation = answered;
    again.inputs.resultSubmission.results!.id!.value = "00000000-0000-4000-8000-000000000060";
    const replaced = run("record-loan-validation-results", again).get("loanValidation") as unknown as typeof answered;
    assert.equal(replaced.iteration[1]!.results!.id!.value.slice(-2), "60");
  });

  it("standalone results stand behind the iterations there are, whatever request they name", async () => {
    const once = await loadContractSample("record-standalone-loan-validation-results");
    once.records.loanValidation!.iteration.push(once.inputs.validationIteration);
    const validation = run("record-standalone-loan-validation-results", once).get("loanValidation");
    assert.equal((validation as unknown as { iteration: unknown[] }).iteration.length, 3);
  });

  it("a required record that the scope lacks is named", async () => {
    const sample = await loadContractSample("update-funding");
    assert.throws(() => run("update-funding", { ...sample, records: {} } as never), {
      code: "session.record_missing",
      message: /record "asset"/,
    });
  });
});
