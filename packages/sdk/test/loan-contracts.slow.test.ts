// All contracts of the loan on the embedded ledger; provenanced.slow.test.ts does the same on a real node.
import assert from "node:assert/strict";
import { it } from "node:test";
import { buildContract } from "@p8e/contract";
import { contractEntry, loadSamplePackage, scopeSpecification as loans, recordLoan } from "@p8e/example-loan";
import { verifyScope } from "@p8e/sdk";
import { publish, updateLoan } from "./support/update-loan.ts";
import { openWorld } from "./world-fixture.ts";

it("the eleven contracts of the loan are published, and what its owner does alone is recorded and verifies", async () => {
  await using world = await openWorld();
  const { party, store, client, affiliate } = world.lender;
  const built = await buildContract({ entry: contractEntry, describe: (bundle) => world.sandbox.describe(bundle) });
  const { scope } = await publish(world, built, loans);
  const recorded = await client.sessions.run({
    participants: new Map([["OWNER", affiliate]] as const),
    dataAccess: [],
    contract: await client.sessions.find(recordLoan, scope),
    scope,
    proposals: await loadSamplePackage("sound"),
  });
  await updateLoan(world, scope, recorded.scope);
  const reader = { chain: world.chain, store, key: party.encryption, sandbox: world.sandbox };
  const { ok, findings } = await verifyScope(reader, recorded.scope);
  assert.ok(ok, JSON.stringify(findings));
});
