import assert from "node:assert/strict";
import { randomInt } from "node:crypto";
import { after, before, describe, it } from "node:test";
import { readScopeObjects } from "@p8e/sdk";
import { type AgreeWorld, asked, openAgreeWorld, request, stateAt, turnsUntil } from "./support/agree-world.ts";
import { agreementCrashesIn } from "./support/agreement-crash.ts";

describe("a session of two parties", () => {
  let world: AgreeWorld;
  before(async () => {
    world = await openAgreeWorld();
  });
  after(() => world?.[Symbol.asyncDispose]());

  it("is on the ledger when both have signed, and nothing is left of the grant", async () => {
    const { lender, bank, chain } = world;
    const participants = { OWNER: lender.affiliate, SERVICER: bank.affiliate };
    const { executionUuid, scope, others } = await request(world, { contract: "two", participants, name: "Ada" });
    assert.deepEqual(
      others.map(({ sessionMessages, dataAccessMessages }) => [sessionMessages, dataAccessMessages]),
      [[2, 0]],
    );
    assert.equal(await stateAt(lender, executionUuid), "requested");
    await asked(bank, executionUuid);
    const approval = await bank.client.agreements.approve(executionUuid);
    assert.equal(approval.state, "approved");
    await turnsUntil([lender, bank], async () => {
      const open = (await bank.client.agreements.approval(executionUuid)).granted;
      return (await stateAt(lender, executionUuid)) === "committed" && !open;
    });
    assert.equal(await stateAt(bank, executionUuid), "committed");
    const written = await lender.client.reader.scope(scope);
    assert.deepEqual([written.sessions.length, written.records.length], [1, 1]);
    const [granter, grantee] = [others[0]!.address, lender.client.parts.state.origin.party];
    assert.deepEqual(await chain.accounts.grants(granter, grantee), []);
    await turnsUntil([], async () => (await bank.client.reader.verify(scope)).ok);
    for (const party of [lender, bank]) assert.deepEqual((await party.client.reader.verify(scope)).outcome, "holds");
    // Its evidence is of a form of its own, and a further reader gets it like any other.
    const { parts } = lender.client;
    const objects = await readScopeObjects({ ...parts, key: parts.party.encryption }, written);
    const contract = written.sessions[0]!.name;
    for (const what of [`evidence of session ${contract}`, `code of ${contract}`]) {
      assert.ok(
        objects.some((object) => object.what === what),
        what,
      );
    }
    assert.equal((await lender.client.reader.replay(scope)).outcome, "holds");
    assert.deepEqual(
      (await lender.client.agreements.transitions(executionUuid)).map(({ to, actor }) => [to, actor === granter]),
      [
        ["created", false],
        ["requested", false],
        ["signed", true],
        ["broadcasting", false],
        ["committed", false],
      ],
    );
    assert.deepEqual(
      (await bank.client.agreements.transitions(executionUuid)).map(({ to }) => to),
      ["received", "inspected", "approving", "approved", "committed", "committed"],
    );
  });

  // Ten seeds more: agreement-crash.slow.test.ts; two hundred: agreement-crash.soak.test.ts.
  agreementCrashesIn(() => world, [2, 21, randomInt(1_000_000)]);
});
