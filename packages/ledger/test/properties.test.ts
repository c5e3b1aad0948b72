import assert from "node:assert/strict";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { describe, it } from "node:test";
import type { Any } from "@bufbuild/protobuf/wkt";
import { parseUuid, type Uuid } from "@p8e/core";
import * as cosmos from "@p8e/proto/cosmos";
import * as metadata from "@p8e/proto/metadata";
import { type Actor, ledgerMessages, packed } from "@p8e/testkit";
import fc from "fast-check";
import type { LedgerState } from "../src/domain/ledger-state.ts";
import { TestNetwork } from "./network.ts";

const { addressesOf, family, grant, owner, scopeBytes, writeFamily, writeRecord, writeScope, writeSession } =
  ledgerMessages;

function uuid(number: number): Uuid {
  return parseUuid(number.toString(16).padStart(32, "0"));
}

const specification = family(uuid(1), uuid(2));

/** What happens next, in numbers that are read as actors, scopes and sessions of a small world. */
interface Step {
  readonly kind: number;
  readonly who: number;
  readonly other: number;
  readonly scope: number;
  readonly amount: bigint;
  readonly together: boolean;
}

const step: fc.Arbitrary<Step> = fc.record({
  kind: fc.nat(13),
  who: fc.nat(2),
  other: fc.nat(3),
  scope: fc.nat(2),
  amount: fc.bigInt(0n, 2_000_000_000_000_000n),
  together: fc.boolean(),
});

function messagesOf(network: TestNetwork, actors: readonly Actor[], given: Step): Any[] {
  const by = actors[given.who]!;
  const other = actors[given.other]!;
  const scope = uuid(100 + given.scope);
  const session = uuid(200 + (given.kind % 2));
  const signers = addressesOf([by]);
  const scopeId = scopeBytes(scope);
  switch (given.kind) {
    case 0:
      return [network.send(by, other, given.amount)];
    case 1:
      return [writeScope(specification, scope, [owner(by)], [by], { valueOwnerAddress: other.address })];
    case 2:
      return [writeScope(specification, scope, [owner(by), owner(other)], [by])];
    case 3:
      return [writeScope(specification, scope, [owner(by)], [by], { requirePartyRollup: true })];
    case 4:
    case 5:
      return [writeSession(specification, scope, session, [owner(by)], [by]), writeRecord(scope, session, [by])];
    case 6:
      return [packed(metadata.MsgDeleteScopeRequestSchema, { scopeId, signers })];
    case 7: {
      const dataAccess = [other.address];
      return [packed(metadata.MsgAddScopeDataAccessRequestSchema, { scopeId, dataAccess, signers })];
    }
    case 8: {
      const valueOwnerAddress = other.address;
      return [packed(metadata.MsgUpdateValueOwnersRequestSchema, { scopeIds: [scopeId], valueOwnerAddress, signers })];
    }
    case 9:
      return [grant(by, other, metadata.MsgWriteSessionRequestSchema, { uses: 1 })];
    case 10: {
      const coin = [{ denom: `nft/${ledgerMessages.scopeText(scope)}`, amount: "1" }];
      const [fromAddress, toAddress] = [by.address, other.address];
      return [packed(cosmos.bank.MsgSendSchema, { fromAddress, toAddress, amount: coin })];
    }
    case 11:
      return [
        packed(metadata.MsgMigrateValueOwnerRequestSchema, { existing: by.address, proposed: other.address, signers }),
      ];
    case 12:
      return [network.send(by, other, 1n), network.send(by, other, given.amount)];
    default:
      return [packed(metadata.MsgWriteScopeRequestSchema, { scope: { scopeId }, signers, usdMills: given.amount })];
  }
}

/** Supply and balances agree for every coin; of the fee coin there is as much as at the beginning. */
function checkCoins(state: LedgerState): void {
  const held = new Map<string, bigint>();
  for (const [key, amount] of state.balances.entries()) {
    assert.ok(amount > 0n, key);
    const denom = key.slice(key.indexOf("/") + 1);
    held.set(denom, (held.get(denom) ?? 0n) + amount);
  }
  assert.deepEqual(held, new Map(state.supply.entries()));
  assert.equal(held.get("nhash"), 100_000_000_000_000_000_000n);
  assert.equal(state.balances.size, state.holders.size);
  for (const [denom, supply] of state.supply.entries()) {
    if (denom === "nhash") continue;
    assert.equal(supply, 1n);
    assert.ok(denom.startsWith("nft/scope1"));
  }
}

/** Indexes name what is there, and everything that is there. */
function checkIndexes(state: LedgerState): void {
  const expected = new Set<string>();
  for (const [key, scope] of state.scopes.entries()) expected.add(`${specificationKey(scope)}/${key}`);
  assert.deepEqual(new Set([...state.scopesBySpecification.entries()].map(([key]) => key)), expected);
  for (const [key] of state.scopesByAddress.entries()) assert.ok(state.scopes.has(key.slice(key.indexOf("/") + 1)));
  for (const [, key] of state.grantsByGrantee.entries()) assert.ok(state.grants.has(key));
  assert.equal(state.grants.size, state.grantsByGrantee.size);
}

function specificationKey({ specificationId }: metadata.Scope): string {
  return Buffer.from(specificationId).toString("hex");
}

async function play(network: TestNetwork, steps: readonly Step[]): Promise<void> {
  const actors = [await network.warm("a"), await network.warm("b"), await network.warm("c"), network.actor("d")];
  await network.run([actors[0]!], writeFamily(specification, actors[0]!));
  for (const given of steps) {
    const by = actors[given.who]!;
    const bytes = await network.build([by], messagesOf(network, actors, given));
    const { result } = network.ledger.broadcast(bytes);
    assert.notEqual(result.code, 111222, result.log);
    if (given.together) continue;
    await network.ledger.advance();
    checkCoins(network.ledger.read().state);
    checkIndexes(network.ledger.read().state);
  }
  await network.ledger.advance();
  checkCoins(network.ledger.read().state);
  for await (const { height } of blocksSoFar(network)) {
    for (const { response } of (await network.ledger.blockAt(height))?.transactions ?? []) {
      assert.notEqual(response.code, 111222, response.rawLog);
    }
  }
}

async function* blocksSoFar(network: TestNetwork) {
  for (let height = 1n; height <= network.ledger.height; height++) yield { height };
}

describe("any sequence of transactions", () => {
  it("keeps every coin's supply, and replays to the same state", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 40 }), async (steps) => {
        await using network = await TestNetwork.open();
        await play(network, steps);
        const live = network.ledger.stateHash();
        await network.reopen();
        assert.equal(network.ledger.stateHash(), live, "from the checkpoint");
        await network.ledger[Symbol.asyncDispose]();
        await rm(join(network.folder, "checkpoint"));
        await network.reopen();
        assert.equal(network.ledger.stateHash(), live, "from the journal alone");
      }),
      { numRuns: 15 },
    );
  });
});
