import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { type ChainClient, connectChain } from "@p8e/chain";
import { buildContract } from "@p8e/contract";
import { networks, scopeAddress } from "@p8e/core";
import { contractEntry, greet, PersonSchema, scopeSpecification } from "@p8e/example-hello";
import * as fees from "@p8e/proto/fees";
import { type FoundContract, P8eClient, type PricedSession, type SessionScope } from "@p8e/sdk";
import { type NodeProxy, proxyNode } from "../../chain/test/node-proxy.ts";
import { openWorld, type World } from "./world-fixture.ts";

describe("the price of a session", () => {
  let world: World;
  let proxy: NodeProxy;
  let chain: ChainClient;
  let client: P8eClient;
  let contract: FoundContract<typeof greet>;
  let scope: SessionScope;

  before(async () => {
    world = await openWorld();
    const { publisher } = world.lender.client;
    const built = await buildContract({ entry: contractEntry, describe: (bundle) => world.sandbox.describe(bundle) });
    const plan = await publisher.plan({ built, scopes: [scopeSpecification], audience: [] });
    await publisher.publish(plan);
    proxy = await proxyNode(world.ledgerUrl);
    chain = await connectChain({ url: proxy.url, ...networks.local });
    client = new P8eClient({ ...world.lender.client.parts, chain });
    scope = { kind: "new", specification: plan.scopes[0]! };
    contract = await client.sessions.find(greet, scope);
  });
  after(async () => {
    await chain?.[Symbol.asyncDispose]();
    await proxy?.[Symbol.asyncDispose]();
    await world?.[Symbol.asyncDispose]();
  });

  /** What the node says a transaction costs, as a share of what it takes. */
  function nodeSays(percent: bigint): void {
    const changed = (bytes: Uint8Array) => {
      const reply = fromBinary(fees.flat.QueryCalculateTxFeesResponseSchema, bytes);
      for (const coin of reply.totalFees) coin.amount = String((BigInt(coin.amount) * percent) / 100n);
      return toBinary(fees.flat.QueryCalculateTxFeesResponseSchema, reply);
    };
    proxy.fault("CalculateTxFees", { reply: changed }, percent === 100n ? 0 : Number.POSITIVE_INFINITY);
  }

  async function priced(name: string): Promise<PricedSession> {
    const { sessions } = client;
    const prepared = await sessions.prepare({
      ...{ contract, scope, proposals: { person: create(PersonSchema, { name }) } },
      participants: new Map([["OWNER", world.lender.affiliate]]),
    });
    return sessions.price(await sessions.execute(prepared));
  }

  /** How many of the session's objects are in the store: its input, its result, and the evidence. */
  async function stored({ executed }: PricedSession): Promise<number> {
    const { prepared, results, evidence } = executed;
    const hashes = [...prepared.packaged.proposals, ...results.filter((each) => each.outcome === "PASS"), evidence];
    assert.equal(hashes.length, 3);
    const { store, party } = world.lender;
    const found = await Promise.all(
      hashes.map(({ hash }) =>
        store.getBytes(hash, { key: party.encryption }).then(
          () => 1,
          (error: { code?: string }) => {
            assert.equal(error.code, "object.not_found");
            return 0;
          },
        ),
      ),
    );
    return found.reduce<number>((sum, one) => sum + one, 0);
  }

  async function left({ executed }: PricedSession) {
    const { executionUuid, packaged } = executed.prepared;
    const execution = await client.parts.state.get(executionUuid);
    const found = await world.chain.metadata.scope(scopeAddress(packaged.request.scope.uuid), { sessions: true });
    return { execution: execution && [execution.state, execution.reason], sessions: found?.sessions.length ?? 0 };
  }

  function exceeded({ cost }: PricedSession, wanted: bigint) {
    const facts = { agreed: [`${cost.fee} nhash`], wanted: [`${wanted} nhash`] };
    return { code: "session.price_exceeded", facts };
  }

  it("is known before anything is stored: preparing, running and pricing leave no trace", async () => {
    nodeSays(100n);
    const session = await priced("Ada");
    assert.ok(session.cost.fee > 0n);
    assert.equal(await stored(session), 0);
    assert.deepEqual(await left(session), { execution: undefined, sessions: 0 });
    const { receipt } = await client.sessions.memorialize(session);
    assert.equal(receipt.fee, session.cost.fee);
    assert.equal(await stored(session), 3);
    assert.deepEqual(await left(session), { execution: ["committed", undefined], sessions: 1 });
  });

  it("is asked again before anything is stored: if the node wants more by then, nothing is", async () => {
    nodeSays(50n);
    const session = await priced("Grace");
    nodeSays(100n);
    const sent = proxy.calls("BroadcastTx");
    await assert.rejects(client.sessions.memorialize(session), exceeded(session, session.cost.fee * 2n));
    assert.equal(await stored(session), 0);
    assert.equal(proxy.calls("BroadcastTx"), sent);
    assert.deepEqual(await left(session), { execution: undefined, sessions: 0 });
  });

  it("above the most that one transaction may cost stores and sends nothing, here and when publishing", async () => {
    nodeSays(100n);
    const session = await priced("Radia");
    const { fee } = session.cost;
    const sent = proxy.calls("BroadcastTx");
    const thrifty = new P8eClient({ ...client.parts, feeMax: fee - 1n });
    const facts = { fee, paidBefore: 0n, feeMax: fee - 1n, denomination: "nhash" };
    await assert.rejects(thrifty.sessions.memorialize(session), { code: "ledger.fee_ceiling", facts });
    assert.equal(await stored(session), 0);
    assert.deepEqual(await left(session), { execution: undefined, sessions: 0 });

    const built = await buildContract({ entry: contractEntry, describe: (bundle) => world.sandbox.describe(bundle) });
    const { parts } = world.bank.client;
    const poor = new P8eClient({ ...parts, chain, feeMax: 1n });
    const plan = await poor.publisher.plan({ built, scopes: [scopeSpecification], audience: [] });
    await assert.rejects(poor.publisher.publish(plan), { code: "ledger.fee_ceiling" });
    await assert.rejects(parts.store.getBytes(plan.objects[0]!.hash, { key: parts.party.encryption }), {
      code: "object.not_found",
    });
    assert.equal(proxy.calls("BroadcastTx"), sent);

    const enough = new P8eClient({ ...client.parts, feeMax: fee });
    assert.equal((await enough.sessions.memorialize(session)).receipt.fee, fee);
  });

  it("tells how the node converts it", async () => {
    assert.deepEqual(await chain.feeConversion(), {
      defined: { denomination: "musd", amount: 25n },
      charged: { denomination: "nhash", amount: 1_000_000_000n },
    });
  });

  it("is kept when it rises while objects are stored: nothing is sent", async () => {
    nodeSays(50n);
    const session = await priced("Edsger");
    const sent = proxy.calls("BroadcastTx");
    const memorializing = client.sessions.memorialize(session, { onShared: () => nodeSays(100n) });
    await assert.rejects(memorializing, exceeded(session, session.cost.fee * 2n));
    assert.equal(proxy.calls("BroadcastTx"), sent);
    assert.deepEqual(await left(session), { execution: ["failed", "session.price_exceeded"], sessions: 0 });
    assert.deepEqual(await client.sessions.resume(), []);
  });

  it("is kept when it rises before the block: the node refuses the fee, and the new price is told", async () => {
    nodeSays(50n);
    const session = await priced("Barbara");
    const sent = proxy.calls("BroadcastTx");
    const memorializing = client.sessions.memorialize(session, { onCost: () => nodeSays(100n) });
    await assert.rejects(memorializing, exceeded(session, session.cost.fee * 2n));
    assert.equal(proxy.calls("BroadcastTx"), sent + 1);
    assert.deepEqual(await left(session), { execution: ["failed", "session.price_exceeded"], sessions: 0 });
  });

  it("is a limit: what the node wants below it is paid, though it changes on the way", async () => {
    nodeSays(100n);
    const session = await priced("Donald");
    nodeSays(50n);
    const costs: bigint[] = [];
    const { receipt } = await client.sessions.memorialize(session, {
      onCost: ({ fee }) => {
        costs.push(fee);
        nodeSays(100n);
      },
    });
    assert.deepEqual(costs, [session.cost.fee / 2n, session.cost.fee]);
    assert.equal(receipt.fee, session.cost.fee);
    assert.deepEqual(await left(session), { execution: ["committed", undefined], sessions: 1 });

    nodeSays(200n);
    const generous = await priced("Alan");
    nodeSays(100n);
    assert.equal((await client.sessions.memorialize(generous)).receipt.fee, generous.cost.fee / 2n);
  });

  it("still holds when an interrupted session is completed", async () => {
    nodeSays(50n);
    const session = await priced("Niklaus");
    const dying = { onCost: () => Promise.reject(new Error("the process dies here")) };
    await assert.rejects(client.sessions.memorialize(session, dying), /dies here/);
    assert.deepEqual(await left(session), { execution: ["signed", undefined], sessions: 0 });
    nodeSays(100n);
    const resumed = await client.sessions.resume();
    assert.deepEqual(
      resumed.map(({ execution, error }) => [execution.state, error?.code, error?.facts]),
      [["failed", "session.price_exceeded", exceeded(session, session.cost.fee * 2n).facts]],
    );
    assert.deepEqual(await left(session), { execution: ["failed", "session.price_exceeded"], sessions: 0 });
  });
});
