import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { equals, fromBinary, toBinary } from "@bufbuild/protobuf";
import { timestampFromDate } from "@bufbuild/protobuf/wkt";
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
  const { outcomes, loadFuel } = await sandbox.run(built.bundle, {
    startedAt: now,
    records: (Object.keys(existing) as InputName[]).map((name) => [name, bytesOf(existing as LoanPackage, name)]),
    inputs: wanted.map((name) => [name, bytesOf(loan, name)]),
    calls: wanted.map((name) => functionOf[name]),
  });
  const fuel = outcomes.reduce((sum, outcome) => sum + outcome.fuel, loadFuel);
  assert.ok(fuel < sandbox.limits.fuel / 10, `an execution took ${fuel} units of fuel`);
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
