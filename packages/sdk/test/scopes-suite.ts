import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { create } from "@bufbuild/protobuf";
import { buildContract } from "@p8e/contract";
import { hashContent, type P8eError, type ScopeAddress, utf8Encode } from "@p8e/core";
import { accountAddress } from "@p8e/crypto";
import { greet, PersonSchema, scopeSpecification } from "@p8e/example-hello";
import { readScope, readScopeObjects, type SessionScope, verifyReaders, verifyScope } from "@p8e/sdk";
import { eventually } from "@p8e/testkit";
import type { World, WorldParty } from "./world-fixture.ts";

const entry = fileURLToPath(new URL("../../../examples/hello/src/contract.ts", import.meta.url));

/** Readers and value owners of scopes, with the objects that go along. */
export function scopesSuite(ledger: string, open: () => Promise<World>): void {
  describe(`who may read a scope, and who holds its value, on ${ledger}`, { timeout: 300_000 }, () => {
    let world: World;
    let newScope: SessionScope;
    before(async () => {
      world = await open();
      const built = await buildContract({ entry, describe: (bundle) => world.sandbox.describe(bundle) });
      const plan = await world.lender.client.publisher.plan({ built, scopes: [scopeSpecification], audience: [] });
      await world.lender.client.publisher.publish(plan);
      newScope = { kind: "new", specification: plan.scopes[0]! };
    });
    after(() => world[Symbol.asyncDispose]());

    const addressOf = ({ affiliate }: WorldParty, key: "signingKey" | "encryptionKey" = "signingKey") =>
      accountAddress(affiliate[key], world.chain.accountPrefix);

    const greeting = async (name: string, scope: SessionScope, reader?: WorldParty) => {
      const { sessions } = world.lender.client;
      return await sessions.run({
        contract: await sessions.find(greet, scope),
        scope,
        participants: new Map([["OWNER", world.lender.affiliate]]),
        proposals: { person: create(PersonSchema, { name }) },
        ...(reader === undefined ? {} : { dataAccess: [reader.affiliate] }),
      });
    };
    const verified = (of: WorldParty, scope: ScopeAddress) =>
      verifyScope({ ...world, store: of.store, key: of.party.encryption }, scope);
    /** Replication takes its time. */
    const readable = (scope: ScopeAddress) =>
      eventually(
        "the bank's store shows the whole scope",
        () => verified(world.bank, scope),
        ({ outcome }) => outcome === "holds",
      );

    it("shares everything a scope has ever had, then says so on the ledger, and does neither twice", async () => {
      const { scopes } = world.lender.client;
      const { scope } = await greeting("Ada", newScope);
      await greeting("Grace", { kind: "existing", address: scope });
      assert.equal((await verified(world.bank, scope)).outcome, "not_shown");

      const plan = await scopes.planShare(scope, world.bank.affiliate);
      assert.ok(plan.cost !== undefined && plan.cost.fee > 0n);
      assert.deepEqual((await readScope(world.chain, scope)).dataAccess, []);
      const progress: string[] = [];
      const { added, unchanged, receipt } = await scopes.share(plan, {
        onShared: ({ done, total }) => progress.push(`${done}/${total}`),
      });
      assert.deepEqual(unchanged, []);
      assert.equal(added.length, plan.objects.length);
      assert.equal(progress.at(-1), `${plan.objects.length}/${plan.objects.length}`);
      assert.equal(receipt?.fee, plan.cost.fee);
      assert.deepEqual((await readScope(world.chain, scope)).dataAccess, [addressOf(world.bank, "encryptionKey")]);
      await readable(scope);

      const again = await scopes.planShare(scope, world.bank.affiliate);
      assert.deepEqual([again.messages, again.cost], [[], undefined]);
      const second = await scopes.share(again);
      const ofBank = new Set<ScopeAddress>();
      for await (const each of world.bank.client.scopes.own()) ofBank.add(each);
      assert.ok(ofBank.has(scope), "a reader, by its encryption key, has it among its own");
      assert.deepEqual([second.added, second.receipt], [[], undefined]);
      assert.equal(second.unchanged.length, plan.objects.length);
    });

    it("says where the ledger and the store disagree on who can read", async () => {
      const { scopes } = world.lender.client;
      const { scope } = await greeting("Ada", newScope);
      const look = async () => {
        const { parts } = world.lender.client;
        const { findings } = await verifyReaders({ ...parts, key: parts.party.encryption }, scope);
        return findings.map(({ what, outcome }) => [what, outcome]);
      };
      const [lender, bank] = [addressOf(world.lender), addressOf(world.bank, "encryptionKey")];
      assert.deepEqual(await look(), [[`reader ${lender}`, "holds"]]);
      // Written by others, or by an earlier version: the ledger alone knows of the bank.
      const plan = await scopes.planShare(scope, world.bank.affiliate);
      await scopes.share({ ...plan, objects: plan.objects.slice(1) });
      const lacking = [`reader ${bank}`, "unchecked"];
      assert.deepEqual(await look(), [[`reader ${lender}`, "holds"], lacking]);
      const seen = await verifyReaders(
        { ...world.lender.client.parts, key: world.lender.client.parts.party.encryption },
        scope,
      );
      assert.match(seen.findings[1]!.says, /^the ledger lets it read; here it is granted for 0 of 1 records, and/);
      await scopes.share(await scopes.planShare(scope, world.bank.affiliate));
      assert.deepEqual(await look(), [
        [`reader ${lender}`, "holds"],
        [`reader ${bank}`, "holds"],
      ]);
      const { parts } = world.lender.client;
      await scopes.unshare(await scopes.planUnshare(scope, world.bank.affiliate));
      const others = [world.bank.affiliate];
      const { findings, ok } = await verifyReaders({ ...parts, key: parts.party.encryption }, scope, { others });
      const { length } = plan.objects;
      assert.deepEqual(
        [ok, findings.map(({ what, says }) => [what, says])],
        [
          true,
          [
            [`reader ${lender}`, `can open all ${length} objects of the scope`],
            [`reader ${bank}`, `can open ${length} of ${length} objects; the ledger gives it no access`],
          ],
        ],
      );
    });

    it("goes on after an interruption, wherever it was", async () => {
      const { scopes } = world.lender.client;
      const { scope } = await greeting("Ada", newScope);
      const plan = await scopes.planShare(scope, world.bank.affiliate);
      const stopped = new AbortController();
      const interrupted = scopes.share(plan, {
        signal: stopped.signal,
        onShared: ({ done }) => {
          if (done === 2) stopped.abort();
        },
      });
      await assert.rejects(interrupted, { code: "rpc.cancelled" });
      assert.deepEqual((await readScope(world.chain, scope)).dataAccess, []);
      // Before the ledger, too: the objects are there and nobody has said so.
      await scopes.reshare(plan.objects, [world.bank.affiliate]);
      const { added, receipt } = await scopes.share(await scopes.planShare(scope, world.bank.affiliate));
      assert.deepEqual([added, receipt === undefined], [[], false]);
      await readable(scope);
    });

    it("writes nothing while an object is not there to be shared, and names each", async () => {
      const { scopes } = world.lender.client;
      const { scope } = await greeting("Ada", newScope);
      const plan = await scopes.planShare(scope, world.bank.affiliate);
      const lost = { hash: hashContent(utf8Encode("never stored")), what: 'record "lost"' };
      const share = scopes.share({ ...plan, objects: [...plan.objects, lost] });
      await assert.rejects(share, (error: P8eError) => {
        assert.deepEqual([error.code, error.facts["objects"]], ["scope.incomplete", [`record "lost": ${lost.hash}`]]);
        return true;
      });
      assert.deepEqual((await readScope(world.chain, scope)).dataAccess, []);
    });

    it("gives a reader whom a session adds what the scope had before", async () => {
      const { scope } = await greeting("Ada", newScope);
      const before = await readScopeObjects(
        { ...world, store: world.lender.store, key: world.lender.party.encryption },
        await readScope(world.chain, scope),
      );
      await greeting("Grace", { kind: "existing", address: scope }, world.bank);
      await readable(scope);
      for (const { hash } of before) await world.bank.store.getBytes(hash, { key: world.bank.party.encryption });
    });

    it("takes access away on the ledger: sessions to come share nothing, what was shared stays", async () => {
      const { scopes } = world.lender.client;
      const { scope } = await greeting("Ada", newScope, world.bank);
      await readable(scope);
      const plan = await scopes.planUnshare(scope, world.bank.affiliate);
      assert.ok(await scopes.unshare(plan));
      assert.deepEqual((await readScope(world.chain, scope)).dataAccess, []);
      assert.equal((await verified(world.bank, scope)).outcome, "holds");
      await greeting("Grace", { kind: "existing", address: scope });
      assert.equal((await verified(world.bank, scope)).outcome, "not_shown");
      const again = await scopes.planUnshare(scope, world.bank.affiliate);
      assert.deepEqual([again.messages, await scopes.unshare(again)], [[], undefined]);
      await assert.rejects(scopes.planUnshare(scope, world.lender.affiliate), { code: "input.invalid" });
    });

    it("moves the value by its holder's signature; owners and readers stay", async () => {
      const { scope } = await greeting("Ada", newScope, world.bank);
      const before = await readScope(world.chain, scope);
      const [lender, bank] = [addressOf(world.lender), addressOf(world.bank)];
      assert.equal(before.valueOwner, lender);
      const plan = await world.lender.client.scopes.planTransfer(scope, bank);
      assert.deepEqual([plan.from, plan.to, plan.messages.length], [lender, bank, 1]);
      assert.equal((await world.lender.client.scopes.transfer(plan))?.fee, plan.cost?.fee);
      const after = await readScope(world.chain, scope);
      assert.deepEqual([after.valueOwner, after.owners, after.dataAccess], [bank, before.owners, before.dataAccess]);

      const again = await world.lender.client.scopes.planTransfer(scope, bank);
      assert.deepEqual([again.messages, await world.lender.client.scopes.transfer(again)], [[], undefined]);
      await assert.rejects(world.lender.client.scopes.planTransfer(scope, lender), (error: P8eError) => {
        assert.equal(error.facts["kind"], "MissingValueOwnerSignature", error.message);
        return true;
      });
      assert.ok(await world.bank.client.scopes.transfer(await world.bank.client.scopes.planTransfer(scope, lender)));
      assert.equal((await readScope(world.chain, scope)).valueOwner, lender);
    });

    it("costs no more than planned", async () => {
      const { scopes } = world.lender.client;
      const { scope } = await greeting("Ada", newScope);
      const plan = await scopes.planTransfer(scope, addressOf(world.bank));
      const cheap = { ...plan, cost: { ...plan.cost!, amounts: [{ denomination: "nhash", amount: 1n }] } };
      await assert.rejects(scopes.transfer(cheap), { code: "ledger.fee_ceiling" });
      assert.equal((await readScope(world.chain, scope)).valueOwner, addressOf(world.lender));
    });
  });
}
