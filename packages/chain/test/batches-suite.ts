import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { type AccountAddress, type ScopeAddress, scopeAddress, scopeSpecificationAddress } from "@p8e/core";
import {
  type LedgerSigner,
  type MessageGroup,
  NHASH,
  planBatches,
  updateValueOwners,
  writeBatches,
  writeScope,
  writeScopeSpecification,
} from "../src/index.ts";
import { GAS_LIMIT_MAX } from "../src/transactions/fees.ts";
import { uuid, type World } from "./world.ts";

async function collected<T>(items: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const item of items) list.push(item);
  return list;
}

/** Changes of many scopes in few transactions, among them some that the ledger refuses. */
export function batchesSuite(ledger: string, open: () => Promise<World>): void {
  describe(`batches on ${ledger}`, () => {
    let world: World;
    let signer: LedgerSigner;
    let other: LedgerSigner;
    before(async () => {
      world = await open();
      [signer, other] = (await world.actors(2)) as [LedgerSigner, LedgerSigner];
    });
    after(() => world[Symbol.asyncDispose]());

    async function scopes(count: number): Promise<readonly ScopeAddress[]> {
      const specification = scopeSpecificationAddress(uuid());
      const signers = [signer.address];
      const made = Array.from({ length: count }, () => scopeAddress(uuid()));
      const owners = [{ address: signer.address, role: "OWNER" as const }];
      await world.chain.submit(
        [
          writeScopeSpecification({ specification, owners: signers, partiesInvolved: ["OWNER"], signers }),
          ...made.map((scope) => writeScope({ scope, specification, owners, valueOwner: signer.address, signers })),
        ],
        { signer },
      );
      return made;
    }

    const moved = (scope: ScopeAddress, to: AccountAddress): MessageGroup<ScopeAddress> => ({
      of: scope,
      messages: [updateValueOwners({ scopes: [scope], valueOwner: to, signers: [signer.address] })],
    });
    const holderOf = async (scope: ScopeAddress) => (await world.chain.metadata.scope(scope))?.scope.valueOwnerAddress;
    const sizes = ({ batches }: { readonly batches: readonly { readonly groups: readonly unknown[] }[] }) =>
      batches.map(({ groups }) => groups.length);

    it("are as few as can be, and one bad scope fails none of its neighbours", async () => {
      const good = await scopes(5);
      const absent = scopeAddress(uuid());
      const groups = [...good.slice(0, 2), absent, ...good.slice(2)].map((scope) => moved(scope, other.address));
      const all = await planBatches(
        world.chain,
        groups.filter(({ of }) => of !== absent),
        { signer },
      );
      assert.deepEqual(sizes(all), [5]);
      const plan = await planBatches(world.chain, groups, { signer });
      assert.deepEqual(
        plan.refused.map(({ group, error }) => [group.of, error.code]),
        [[absent, "ledger.transaction_refused"]],
      );
      const outcomes = await collected(writeBatches(world.chain, plan, { signer }));
      assert.deepEqual(
        outcomes.flatMap((one) => ("receipt" in one ? [one.group.of] : [])),
        good,
      );
      for (const scope of good) assert.equal(await holderOf(scope), other.address);
    });

    it("are split by fee and by size, and what alone is too much is refused", async () => {
      const made = await scopes(4);
      const groups = made.map((scope) => moved(scope, other.address));
      const { cost } = (await planBatches(world.chain, groups.slice(0, 2), { signer })).batches[0]!;
      assert.deepEqual(sizes(await planBatches(world.chain, groups, { signer, feeMax: cost.fee })), [2, 2]);
      const bytes = groups[0]!.messages[0]!.value.length + groups[0]!.messages[0]!.typeUrl.length;
      assert.deepEqual(sizes(await planBatches(world.chain, groups, { signer, bytesMax: bytes })), [1, 1, 1, 1]);
      const codes = async (options: { feeMax?: bigint; bytesMax?: number }) =>
        (await planBatches(world.chain, groups, { signer, ...options })).refused.map(({ error }) => error.code);
      assert.deepEqual(await codes({ feeMax: 1n }), Array(4).fill("ledger.fee_ceiling"));
      assert.deepEqual(await codes({ bytesMax: 10 }), Array(4).fill("input.too_large"));
    });

    it("are not written for more than was agreed for each group, whatever the price is by then", async () => {
      const made = await scopes(2);
      const groups = made.map((scope) => moved(scope, other.address));
      const plan = await planBatches(world.chain, groups, { signer });
      const { cost } = plan.batches[0]!;
      // As if it had been made when one nhash less was wanted for each.
      const amounts = [{ denomination: NHASH, amount: cost.fee - 2n }];
      const earlier = { ...plan, batches: [{ groups, cost: { ...cost, amounts, fee: cost.fee - 2n } }] };
      const each = (amount: bigint) => [{ denomination: NHASH, amount }];
      const codes = async (agreed: bigint) =>
        (await collected(writeBatches(world.chain, earlier, { signer, agreed: each(agreed) }))).map((outcome) =>
          "receipt" in outcome ? "written" : outcome.error.code,
        );
      const price = cost.fee / 2n;
      assert.deepEqual(await codes(price - 1n), ["ledger.fee_ceiling", "ledger.fee_ceiling"]);
      const planned = await planBatches(world.chain, groups, { signer, agreed: each(price - 1n) });
      assert.deepEqual([sizes(planned), planned.refused.length], [[], 2]);
      for (const scope of made) assert.equal(await holderOf(scope), signer.address);
      assert.deepEqual(sizes(await planBatches(world.chain, groups, { signer, agreed: each(price) })), [2]);
      assert.deepEqual(await codes(price), ["written", "written"]);
    });

    it("go on with the others when the ledger has changed since they were planned", async () => {
      const made = await scopes(3);
      const plan = await planBatches(
        world.chain,
        made.map((scope) => moved(scope, other.address)),
        { signer },
      );
      assert.deepEqual(sizes(plan), [3]);
      await world.chain.submit(moved(made[1]!, other.address).messages, { signer });
      const outcomes = await collected(writeBatches(world.chain, plan, { signer }));
      const told = new Map(outcomes.map((one) => [one.group.of, "receipt" in one ? "written" : one.error.code]));
      assert.deepEqual(
        made.map((scope) => told.get(scope)),
        ["written", "ledger.transaction_refused", "written"],
      );
    });

    it("leave room for gas: what a transaction may not have enough for is split before any of it is sent", async () => {
      const signers = [signer.address];
      const groups = Array.from({ length: 300 }, () => {
        const specification = scopeSpecificationAddress(uuid());
        const written = { specification, owners: signers, partiesInvolved: ["OWNER"], signers } as const;
        return { of: specification, messages: [writeScopeSpecification(written)] };
      });
      const plan = await planBatches(world.chain, groups, { signer });
      assert.ok(plan.batches.length > 1);
      assert.ok(plan.batches.every(({ cost }) => cost.gasLimit < GAS_LIMIT_MAX - 1n));
      const outcomes = await collected(writeBatches(world.chain, plan, { signer }));
      const hashes = outcomes.map((one) => ("receipt" in one ? one.receipt.hash : one.error.message));
      assert.equal(outcomes.length, groups.length);
      assert.equal(new Set(hashes).size, plan.batches.length, "each was written with its batch");
    });
  });
}
