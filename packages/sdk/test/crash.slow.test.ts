import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { create } from "@bufbuild/protobuf";
import { P8eError, type ScopeSpecificationAddress, scopeAddress } from "@p8e/core";
import { greet, PersonSchema } from "@p8e/example-hello";
import { P8eClient, type PartyParts, type PricedSession, type SessionScope } from "@p8e/sdk";
import { bound, Lifetime } from "./support/lifetime.ts";
import { publishHello } from "./support/publish-hello.ts";
import { openWorld, type World } from "./world-fixture.ts";

describe("a session that is interrupted", () => {
  let world: World;
  let specification: ScopeSpecificationAddress;

  before(async () => {
    world = await openWorld();
    specification = await publishHello(world);
  });
  after(() => world?.[Symbol.asyncDispose]());

  async function price(name: string): Promise<PricedSession> {
    const { affiliate, client } = world.lender;
    const { sessions } = client;
    const scope: SessionScope = { kind: "new", specification };
    const prepared = await sessions.prepare({
      ...{ contract: await sessions.find(greet, scope), scope },
      participants: new Map([["OWNER", affiliate]]),
      proposals: { person: create(PersonSchema, { name }) },
      dataAccess: [world.bank.affiliate],
    });
    return sessions.price(await sessions.execute(prepared));
  }

  const with_ = (change: Partial<PartyParts>) => new P8eClient({ ...world.lender.client.parts, ...change }).sessions;

  /** Of the execution: its state, and how often it is on the ledger. */
  async function outcome({ executed }: PricedSession) {
    const { executionUuid, packaged } = executed.prepared;
    const address = scopeAddress(packaged.request.scope.uuid);
    const found = await world.chain.metadata.scope(address, { sessions: true, records: true });
    return {
      state: (await world.lender.client.parts.state.get(executionUuid))?.state,
      sessions: found?.sessions.length ?? 0,
      records: found?.records.length ?? 0,
      versions: found?.sessions.map((session) => session.audit?.version) ?? [],
    };
  }

  const committed = { state: "committed", sessions: 1, records: 1, versions: [1] };

  for (const when of ["before", "after"] as const) {
    it(`is on the ledger once or not at all, wherever the process dies (${when} a step)`, async () => {
      const { parts } = world.lender.client;
      const ends = new Set<string>();
      for (let last = 1; ; last++) {
        const priced = await price(`${when} ${last}`);
        const life = new Lifetime(last, when);
        const state = world.lender.openState();
        const dying = with_({
          state: life.guard(state),
          store: life.guard(parts.store),
          chain: life.guard(parts.chain),
        });
        const failed = await dying.memorialize(priced).then(
          () => false,
          () => true,
        );
        // What the kernel does when a process ends.
        await state[Symbol.asyncDispose]();
        await world.lender.client.sessions.resume();
        const { state: at, ...ledger } = await outcome(priced);
        ends.add(at ?? "unknown");
        if (at === "committed") assert.deepEqual({ state: at, ...ledger }, committed, `step ${last}`);
        else {
          assert.ok(at === undefined || at === "failed", `step ${last}: ${at}`);
          assert.deepEqual(ledger, { sessions: 0, records: 0, versions: [] }, `step ${last}`);
        }
        assert.deepEqual(await world.lender.client.sessions.resume(), []);
        if (!failed) break;
      }
      assert.ok(ends.has("failed") && ends.has("committed"));
    });
  }

  it("stays with the process that works on it, while that lives", async () => {
    const priced = await price("two processes");
    const { parts } = world.lender.client;
    await using otherState = world.lender.openState();
    const other = with_({ state: otherState });
    let resumed: Awaited<ReturnType<typeof other.resume>> | undefined;
    const overtaken = with_({
      chain: new Proxy(parts.chain, {
        get: (chain, name) =>
          name === "submit"
            ? async (...given: Parameters<typeof chain.submit>) => {
                resumed = await other.resume();
                return chain.submit(...given);
              }
            : bound(chain, name),
      }),
    });
    const session = await overtaken.memorialize(priced);
    assert.deepEqual(resumed, []);
    assert.equal((await parts.state.get(session.executionUuid))?.transaction?.hash, session.receipt.hash);
    assert.deepEqual(await outcome(priced), committed);
  });

  for (const [why, loss, code] of [
    ["its own objects are gone", new P8eError("object.not_found", "it is gone"), "object.not_found"],
    ["a fault of p8e keeps it from being written", new TypeError("a fault"), "internal.unexpected"],
  ] as const) {
    it(`does not hold up the others when ${why}`, async () => {
      const { parts } = world.lender.client;
      const stuck = await price("stuck");
      const fine = await price("fine");
      const crash = with_({
        chain: new Proxy(parts.chain, {
          get: (chain, name) => (name === "submit" ? () => Promise.reject(new Error("dead")) : bound(chain, name)),
        }),
      });
      await assert.rejects(crash.memorialize(stuck));
      await assert.rejects(crash.memorialize(fine));
      let asked = 0;
      const losing = with_({
        store: new Proxy(parts.store, {
          get: (store, name) =>
            name === "getBytes"
              ? (...given: Parameters<typeof store.getBytes>) => {
                  if (asked++ === 0) throw loss;
                  return store.getBytes(...given);
                }
              : bound(store, name),
        }),
      });
      const resumed = await losing.resume();
      assert.deepEqual(
        resumed.map(({ execution, error }) => [execution.state, error?.code]),
        [
          ["signed", code],
          ["committed", undefined],
        ],
      );
      assert.deepEqual(await outcome(fine), committed);
      assert.equal((await world.lender.client.sessions.resume()).length, 1);
      assert.deepEqual(await outcome(stuck), committed);
    });
  }
});
