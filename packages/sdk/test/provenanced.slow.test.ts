// What the product writes to a ledger, on a real node: contracts are published and executed, and what was written verifies.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { create } from "@bufbuild/protobuf";
import { buildContract } from "@p8e/contract";
import { greet, scopeSpecification as greetings, PersonSchema } from "@p8e/example-hello";
import { contractEntry, loadSamplePackage, scopeSpecification as loans, recordLoan } from "@p8e/example-loan";
import { verifyScope } from "@p8e/sdk";
import { optionalProvenanced, startProvenanced } from "@p8e/testkit";
import { publish, updateLoan } from "./support/update-loan.ts";
import { openWorld, type World } from "./world-fixture.ts";

const helloEntry = fileURLToPath(new URL("../../../examples/hello/src/contract.ts", import.meta.url));

async function tellStory(world: World, withUpdates: boolean) {
  const { sessions } = world.lender.client;
  const { store, party } = world.lender;
  const reader = { chain: world.chain, store, key: party.encryption, sandbox: world.sandbox };
  const shared = {
    participants: new Map([["OWNER", world.lender.affiliate]] as const),
    dataAccess: [world.bank.affiliate],
  };
  const build = (entry: string) => buildContract({ entry, describe: (bundle) => world.sandbox.describe(bundle) });

  const hello = await publish(world, await build(helloEntry), greetings);
  const contract = await sessions.find(greet, hello.scope);
  const proposals = { person: create(PersonSchema, { name: "Ada" }) };
  const first = await sessions.run({ ...shared, contract, scope: hello.scope, proposals });
  const second = await sessions.run({
    ...shared,
    contract: await sessions.find(greet, { kind: "existing", address: first.scope }),
    scope: { kind: "existing", address: first.scope },
    proposals: { person: create(PersonSchema, { name: "Grace" }) },
  });

  const loan = await publish(world, await build(contractEntry), loans);
  const third = await sessions.run({
    ...shared,
    contract: await sessions.find(recordLoan, loan.scope),
    scope: loan.scope,
    proposals: await loadSamplePackage("sound"),
  });
  const updates = withUpdates ? await updateLoan(world, loan.scope, third.scope) : [];
  for (const address of [first.scope, third.scope]) {
    const { ok, findings } = await verifyScope(reader, address);
    assert.ok(ok, JSON.stringify(findings));
  }
  return [...hello.receipts, first.receipt, second.receipt, ...loan.receipts, third.receipt, ...updates];
}

await optionalProvenanced("publishing and executing on a real node", (found) => {
  describe("contracts are published and executed on a real node", () => {
    for (const [how, indexed, withRpc, confirmation] of [
      ["with an index of transactions", true, false, "result"],
      ["without one, by the state", false, false, "state"],
      ["without one, by its block results", false, true, "result"],
    ] as const) {
      it(how, async () => {
        await using node = await startProvenanced(found, { indexed });
        const { url, faucet, rpcUrl } = node;
        await using world = await openWorld({ url, faucet, ...(withRpc ? { rpc: { url: rpcUrl } } : {}) });
        for (const receipt of await tellStory(world, indexed)) {
          assert.deepEqual([receipt.confirmation, receipt.outOfGas], [confirmation, undefined]);
        }
      });
    }
  });
});
