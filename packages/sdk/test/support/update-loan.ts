import assert from "node:assert/strict";
import type { TransactionReceipt } from "@p8e/chain";
import { type AnyContract, type BuiltContract, buildContract, type ScopeSpecification } from "@p8e/contract";
import type { ScopeAddress } from "@p8e/core";
import {
  contractEntryOf,
  type LoanContractName,
  loadContractSample,
  loanContracts,
  scopeSpecification as loans,
} from "@p8e/example-loan";
import type { SessionScope } from "@p8e/sdk";
import type { World } from "../world-fixture.ts";

/** Publishes a contract as the lender, and finds nothing left to write. */
export async function publish(world: World, built: BuiltContract, specification: ScopeSpecification) {
  const { publisher } = world.lender.client;
  const audience = [world.bank.affiliate.encryptionKey];
  const plan = await publisher.plan({ built, scopes: [specification], audience });
  const { receipts } = await publisher.publish(plan);
  assert.ok(receipts.length > 0);
  const again = await publisher.plan({ built, scopes: [specification], audience });
  assert.deepEqual(again.steps, []);
  return { scope: { kind: "new", specification: plan.scopes[0]! } as SessionScope, receipts };
}

/** All that can be done to a loan is published; what its owner does alone is done to this one. */
export async function updateLoan(world: World, kind: SessionScope, address: ScopeAddress) {
  const { sessions } = world.lender.client;
  const receipts: TransactionReceipt[] = [];
  const updated: string[] = [];
  for (const name of Object.keys(loanContracts) as LoanContractName[]) {
    if (name === "record-loan") continue;
    const built = await buildContract({
      entry: contractEntryOf(name),
      describe: (bundle) => world.sandbox.describe(bundle),
    });
    const published = await publish(world, built, loans);
    assert.deepEqual(published.scope, kind);
    receipts.push(...published.receipts);
    if (built.manifest.participants.join() !== "OWNER") continue;
    const { inputs } = await loadContractSample(name);
    const scope: SessionScope = { kind: "existing", address };
    const contract = await sessions.find(loanContracts[name] as AnyContract, scope);
    const request = {
      participants: new Map([["OWNER", world.lender.affiliate]] as const),
      dataAccess: [],
      contract,
      scope,
      proposals: inputs as never,
    };
    if (name === "record-e-note") {
      // This loan has a note, which is recorded once.
      await assert.rejects(sessions.run(request), { code: "session.nothing_to_record" });
      continue;
    }
    const done = await sessions.run(request);
    receipts.push(done.receipt);
    updated.push(name);
  }
  assert.deepEqual(updated, [
    "append-loan-documents",
    "update-servicing-rights",
    "update-funding",
    "record-loan-validation-request",
  ]);
  return receipts;
}
