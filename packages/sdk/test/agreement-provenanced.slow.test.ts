// Sessions that three parties sign, on a real node: grants, one transaction, and nothing left of what was granted.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { optionalProvenanced, startProvenanced } from "@p8e/testkit";
import { misuseLeave } from "./support/agree-misuse.ts";
import { agreeInRolledUpScope } from "./support/agree-rollup.ts";
import { asked, openAgreeWorld, request, stateAt, turnsUntil } from "./support/agree-world.ts";

await optionalProvenanced("a session of three parties on a real node", (found) => {
  describe("a session of three parties on a real node", () => {
    it("is written by the grants of two, in a new scope and then in the same; and one of two in a scope with party rollup", async () => {
      await using node = await startProvenanced(found, { indexed: true });
      await using world = await openAgreeWorld({ url: node.url, faucet: node.faucet });
      const { lender, bank, validator, chain } = world;
      const participants = { OWNER: lender.affiliate, SERVICER: bank.affiliate, VALIDATOR: validator.affiliate };
      const three = { contract: "three", participants } as const;
      const grantee = lender.client.parts.state.origin.party;
      const complete = async (name: string, more: { scope?: Awaited<ReturnType<typeof request>>["scope"] }) => {
        const { executionUuid, scope } = await request(world, { ...three, name, ...more });
        for (const party of [bank, validator]) {
          await asked(party, executionUuid);
          await party.client.agreements.approve(executionUuid);
        }
        await turnsUntil([lender, bank, validator], async () => {
          const open = [bank, validator].map((each) => each.client.agreements.approval(executionUuid));
          const left = (await Promise.all(open)).some(({ granted }) => granted);
          return (await stateAt(lender, executionUuid)) === "committed" && !left;
        });
        for (const { client } of [bank, validator]) {
          assert.deepEqual(await chain.accounts.grants(client.parts.state.origin.party, grantee), []);
        }
        return scope;
      };
      const scope = await complete("Ada", {});
      await complete("Grace", { scope });
      await turnsUntil([], async () => (await validator.client.reader.verify(scope)).ok);
      const { sessions, records } = await lender.client.reader.scope(scope);
      assert.deepEqual([sessions.length, records.length], [1, 1]);
      await agreeInRolledUpScope(world);
      await misuseLeave(world);
    });
  });
});
