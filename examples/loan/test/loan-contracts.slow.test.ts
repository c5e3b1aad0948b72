// What the rules say in this process they say in the sandbox: every sample, sound or broken, on every contract's bundle.
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { type DescMessage, type Message, toBinary } from "@bufbuild/protobuf";
import { timestampFromDate } from "@bufbuild/protobuf/wkt";
import { type BuiltContract, buildContract, encodeProposals, tryContract } from "@p8e/contract";
import { type FunctionOutcome, openSandbox, type Sandbox } from "@p8e/engine";
import {
  brokenSamples,
  type ContractSample,
  contractEntryOf,
  inputSchemas,
  type LoanContractName,
  loadContractSample,
  loanContracts,
} from "@p8e/example-loan";
import { LoanValidationSchema as LoanValidationsSchema } from "../src/gen/tech/figure/validation/v1beta1/validation_pb.ts";

const startedAt = timestampFromDate(new Date("2026-01-01T00:00:00Z"));
const names = Object.keys(loanContracts) as LoanContractName[];

const recordSchemas: Readonly<Record<string, DescMessage>> = {
  ...inputSchemas,
  loanValidations: LoanValidationsSchema,
};

let sandbox: Sandbox;
const built = new Map<LoanContractName, BuiltContract>();
before(async () => {
  sandbox = openSandbox();
  for (const name of names) {
    const entry = contractEntryOf(name);
    built.set(name, await buildContract({ entry, describe: (bundle) => sandbox.describe(bundle) }));
  }
});
after(() => sandbox[Symbol.asyncDispose]());

async function run(name: LoanContractName, { inputs, records }: ContractSample): Promise<readonly FunctionOutcome[]> {
  const { bundle, manifest } = built.get(name)!;
  const encoded = encodeProposals(loanContracts[name], inputs as never);
  const existing = Object.entries(records as Readonly<Record<string, Message>>);
  const isThere = (record: string | undefined) => existing.some(([each]) => each === record);
  const { outcomes, loadFuel } = await sandbox.run(bundle, {
    startedAt,
    records: existing.map(([record, message]) => {
      return [record, toBinary(recordSchemas[record]!, message)];
    }),
    inputs: [...encoded].map(([input, { bytes }]) => [input, bytes]),
    calls: manifest.functions.filter((each) => !isThere(each.skipIfExists)).map((each) => each.name),
  });
  const fuel = outcomes.reduce((sum, outcome) => sum + outcome.fuel, loadFuel);
  assert.ok(fuel < sandbox.limits.fuel / 10, `${name} took ${fuel} units of fuel`);
  return outcomes;
}

describe("in the sandbox", () => {
  for (const name of names) {
    it(`${name} writes the bytes that it writes outside`, async () => {
      const sample = await loadContractSample(name);
      const outside = tryContract(loanContracts[name], { ...sample, startedAt } as never);
      const outcomes = await run(name, sample);
      assert.equal(outcomes.length, outside.size);
      const { functions } = built.get(name)!.manifest;
      for (const outcome of outcomes) {
        assert.ok(outcome.kind === "output", JSON.stringify(outcome));
        const { writes } = functions.find((each) => each.name === outcome.name)!;
        const message = outside.get(writes.name)!;
        assert.deepEqual(outcome.output, toBinary(recordSchemas[writes.name]!, message), writes.name);
      }
    });
  }

  for (const { contract, rule, field, apply } of brokenSamples) {
    it(`${contract} refuses: ${rule} at ${field}`, async () => {
      const sample = await loadContractSample(contract);
      apply(sample);
      const failed = (await run(contract, sample)).find((outcome) => outcome.kind === "failure");
      assert.ok(failed?.kind === "failure", "the sample was accepted");
      assert.deepEqual(failed.failure.facts, { rule, field });
    });
  }
});
