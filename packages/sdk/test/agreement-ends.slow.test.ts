import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type { scopeAddress, Uuid } from "@p8e/core";
import { P8eClient } from "@p8e/sdk";
import { agreeInRolledUpScope } from "./support/agree-rollup.ts";
import {
  type AgreeWorld,
  asked,
  openAgreeWorld,
  request,
  type SessionCase,
  stateAt,
  takeMail,
  turn,
  turnsUntil,
} from "./support/agree-world.ts";
import type { WorldParty } from "./world-fixture.ts";

describe("a session of three parties", () => {
  let world: AgreeWorld;
  let three: readonly WorldParty[];
  let ofThree: Pick<SessionCase, "contract" | "participants">;
  before(async () => {
    world = await openAgreeWorld();
    const { lender, bank, validator } = world;
    three = [lender, bank, validator];
    ofThree = {
      contract: "three",
      participants: { OWNER: lender.affiliate, SERVICER: bank.affiliate, VALIDATOR: validator.affiliate },
    };
  });
  after(() => world?.[Symbol.asyncDispose]());

  const grantsTo = async (invoker: WorldParty, from: readonly WorldParty[]) => {
    const of = from.map(({ client }) => client.parts.state.origin.party);
    const grantee = invoker.client.parts.state.origin.party;
    return (await Promise.all(of.map((granter) => world.chain.accounts.grants(granter, grantee)))).flat();
  };

  /** All of them see it there, and nothing is left of what was granted. */
  async function endsAs(execution: Uuid, state: string, parties = three, invoker = world.lender): Promise<void> {
    const others = parties.filter((each) => each !== invoker);
    await turnsUntil(parties, async () => {
      const states = await Promise.all(parties.map((each) => stateAt(each, execution)));
      const open = await Promise.all(
        others.map(async (each) => (await each.client.agreements.approval(execution)).granted),
      );
      const { told } = await invoker.client.agreements.agreement(execution);
      return told && states.every((each) => each === state) && open.every((each) => !each);
    });
    assert.deepEqual(await grantsTo(invoker, others), []);
  }

  const isOnLedger = async (scope: ReturnType<typeof scopeAddress>) =>
    (await world.chain.metadata.scope(scope)) !== undefined;

  it("completes, with mails sent again, and everybody can verify it", async () => {
    const { lender, bank, validator } = world;
    const { executionUuid, scope } = await request(world, { ...ofThree, name: "all three" });
    await lender.client.agreements.resend(executionUuid);
    await Promise.all([asked(bank, executionUuid), asked(validator, executionUuid)]);
    await lender.client.agreements.resend(executionUuid);
    await bank.client.agreements.approve(executionUuid);
    await turnsUntil([lender, bank], async () => (await stateAt(lender, executionUuid)) === "awaiting");
    // Said twice, it is one approval.
    assert.equal((await bank.client.agreements.approve(executionUuid)).state, "approved");
    await validator.client.agreements.approve(executionUuid);
    await endsAs(executionUuid, "committed");
    for (const { client } of three) {
      await turnsUntil([], async () => (await client.reader.verify(scope)).ok);
    }
    const { sessions } = await lender.client.reader.scope(scope);
    assert.deepEqual(
      sessions.map(({ context, audit }) => [context[0], audit?.version]),
      [[3, 1]],
    );
  });

  it("is on no ledger when two approve and one rejects, and all three know why, in the rejecter's words", async () => {
    const { lender, bank, validator } = world;
    const { executionUuid, scope } = await request(world, { ...ofThree, name: "rejected" });
    await Promise.all([asked(bank, executionUuid), asked(validator, executionUuid)]);
    await bank.client.agreements.approve(executionUuid);
    await turnsUntil([lender], async () => (await stateAt(lender, executionUuid)) === "awaiting");
    await assert.rejects(validator.client.agreements.reject(executionUuid, " \u001b "), { code: "input.invalid" });
    await validator.client.agreements.reject(executionUuid, "the appraisal\u001b[31m is\nthree years old");
    await endsAs(executionUuid, "rejected");
    const reason = "the appraisal [31m is three years old";
    assert.equal((await lender.client.agreements.agreement(executionUuid)).reason, reason);
    for (const { client } of [bank, validator]) {
      assert.equal((await client.agreements.approval(executionUuid)).reason, reason);
    }
    const by = validator.client.parts.state.origin.party;
    for (const { client } of three) {
      const last = (await client.agreements.transitions(executionUuid)).findLast(({ to }) => to === "rejected");
      if (client !== bank.client) assert.equal(last?.actor, by);
    }
    assert.equal(await isOnLedger(scope), false);
  });

  it("expires at its deadline, and all three know", async () => {
    const { lender, bank, validator } = world;
    const deadlineMs = Date.now() + 3600_000;
    const { executionUuid, scope } = await request(world, { ...ofThree, name: "late", deadlineMs });
    await Promise.all([asked(bank, executionUuid), asked(validator, executionUuid)]);
    await bank.client.agreements.approve(executionUuid);
    const later = new P8eClient({ ...lender.client.parts, nowMs: () => deadlineMs });
    await later.agreements.settle();
    assert.equal(await stateAt(lender, executionUuid), "expired");
    await endsAs(executionUuid, "expired");
    assert.equal(await isOnLedger(scope), false);
    // A signature that comes after the end changes nothing.
    await assert.rejects(validator.client.agreements.approve(executionUuid), { code: "session.expired" });
  });

  it("is cancelled by its invoker until it is on its way, and the others take back what they granted", async () => {
    const { lender, bank, validator } = world;
    const { executionUuid, scope } = await request(world, { ...ofThree, name: "cancelled" });
    await Promise.all([asked(bank, executionUuid), asked(validator, executionUuid)]);
    await bank.client.agreements.approve(executionUuid);
    assert.equal((await grantsTo(lender, [bank])).length, 1);
    await lender.client.agreements.cancel(executionUuid, "the borrower has withdrawn");
    await endsAs(executionUuid, "cancelled");
    assert.equal((await validator.client.agreements.approval(executionUuid)).reason, "the borrower has withdrawn");
    await assert.rejects(lender.client.agreements.cancel(executionUuid), { code: "session.too_late" });
    await assert.rejects(lender.client.agreements.resend(executionUuid), { code: "session.too_late" });
    assert.equal(await isOnLedger(scope), false);
  });

  it("is completed, once, when its invoker dies after the last signature", async () => {
    const { lender, bank, validator } = world;
    const { executionUuid, scope } = await request(world, { ...ofThree, name: "orphaned" });
    for (const each of [bank, validator]) {
      await asked(each, executionUuid);
      await each.client.agreements.approve(executionUuid);
    }
    await turnsUntil([], async () => {
      await takeMail(lender);
      return (await stateAt(lender, executionUuid)) === "signed";
    });
    await using state = lender.openState();
    const restarted = new P8eClient({ ...lender.client.parts, state });
    // Both come to it at once.
    await Promise.all([restarted.agreements.settle(), turn(lender)]);
    await endsAs(executionUuid, "committed");
    assert.equal((await lender.client.reader.scope(scope)).sessions[0]?.audit?.version, 1);
  });

  it("asks the owners of the scope, too, and of two that change one scope the ledger has one", async () => {
    const { lender, bank } = world;
    const two = [lender, bank];
    const participants = { OWNER: lender.affiliate, SERVICER: bank.affiliate };
    const begun = await request(world, { contract: "two", participants, name: "owned by two" });
    await asked(bank, begun.executionUuid);
    await bank.client.agreements.approve(begun.executionUuid);
    await endsAs(begun.executionUuid, "committed", two);

    // The bank is no party of this contract, but an owner, and a party of the session whose record is replaced.
    const { scope } = begun;
    const one = { contract: "one", participants: { OWNER: lender.affiliate }, scope } as const;
    const [first, second] = [
      await request(world, { ...one, name: "first" }),
      await request(world, { ...one, name: "second" }),
    ];
    assert.deepEqual(
      first.others.map(({ address, sessionMessages }) => [address, sessionMessages]),
      [[bank.client.parts.state.origin.party, 2]],
    );
    for (const { executionUuid } of [first, second]) {
      await asked(bank, executionUuid);
      await bank.client.agreements.approve(executionUuid);
    }
    // One grant for both.
    assert.deepEqual(
      (await grantsTo(lender, [bank])).map(({ uses }) => uses),
      [4],
    );
    await turnsUntil(two, async () => {
      const states = await Promise.all([first, second].map(({ executionUuid }) => stateAt(lender, executionUuid)));
      return states.toSorted().join() === "committed,failed";
    });
    const lost = (await stateAt(lender, first.executionUuid)) === "failed" ? first : second;
    const won = lost === first ? second : first;
    assert.equal((await lender.client.agreements.agreement(lost.executionUuid)).reason, "state.conflict");
    await endsAs(lost.executionUuid, "failed", two);
    await endsAs(won.executionUuid, "committed", two);
    const { records } = await bank.client.reader.scope(scope);
    assert.equal(records.length, 1);
  });

  it("comes to its end in a scope with party rollup without those who are optional", () => agreeInRolledUpScope(world));
});
