import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { create } from "@bufbuild/protobuf";
import { ledgerMessage, ledgerSigner, NHASH, type TransactionCost } from "@p8e/chain";
import { hashContent, P8eError, randomUuid, type ScopeSpecificationAddress, scopeAddress } from "@p8e/core";
import { systemRandom } from "@p8e/crypto";
import { greet, PersonSchema } from "@p8e/example-hello";
import { packAny } from "@p8e/proto/any";
import * as cosmos from "@p8e/proto/cosmos";
import { type ExecutedSession, P8eClient, type PartyParts, type SessionScope, type TogetherOutcome } from "@p8e/sdk";
import { bound, Lifetime } from "./support/lifetime.ts";
import { publishHello } from "./support/publish-hello.ts";
import type { World } from "./world-fixture.ts";

/** Sessions that share transactions, among them some that the ledger refuses. */
export function togetherSuite(ledger: string, open: () => Promise<World>): void {
  describe(`sessions that are written together on ${ledger}`, { timeout: 300_000 }, () => {
    let world: World;
    let specification: ScopeSpecificationAddress;

    before(async () => {
      world = await open();
      specification = await publishHello(world);
    });
    after(() => world?.[Symbol.asyncDispose]());

    async function executed(name: string): Promise<ExecutedSession> {
      const { affiliate, client } = world.lender;
      const { sessions } = client;
      const scope: SessionScope = { kind: "new", specification };
      return sessions.execute(
        await sessions.prepare({
          ...{ contract: await sessions.find(greet, scope), scope },
          participants: new Map([["OWNER", affiliate]]),
          proposals: { person: create(PersonSchema, { name }) },
        }),
      );
    }

    const several = (...names: string[]) => Promise.all(names.map(executed));
    const with_ = (change: Partial<PartyParts>) => new P8eClient({ ...world.lender.client.parts, ...change }).sessions;

    async function collected(outcomes: AsyncIterable<TogetherOutcome>): Promise<readonly TogetherOutcome[]> {
      const all: TogetherOutcome[] = [];
      for await (const outcome of outcomes) all.push(outcome);
      return all;
    }

    /** One whose messages the ledger refuses: a record that no session has. */
    function broken(session: ExecutedSession): ExecutedSession {
      return { ...session, messages: session.messages.toSpliced(1, 1) };
    }

    async function onLedger({ prepared }: ExecutedSession): Promise<number> {
      const address = scopeAddress(prepared.packaged.request.scope.uuid);
      return (await world.chain.metadata.scope(address, { sessions: true }))?.sessions.length ?? 0;
    }

    it("share a transaction, and each is as if it had been written alone", async () => {
      const { client } = world.lender;
      const sessions = await several("Ada", "Blaise", "Carl");
      const outcomes = await collected(client.sessions.memorializeTogether(sessions));
      assert.deepEqual(
        outcomes.map((outcome) => "session" in outcome),
        [true, true, true],
      );
      const hashes = new Set(outcomes.map((outcome) => "session" in outcome && outcome.session.receipt.hash));
      assert.equal(hashes.size, 1);
      for (const outcome of outcomes) {
        if (!("session" in outcome)) continue;
        const verified = await client.reader.verify(outcome.session.scope);
        assert.equal(verified.outcome, "holds");
        const execution = await client.parts.state.get(outcome.session.executionUuid);
        assert.deepEqual([execution?.state, execution?.transaction?.sessions], ["committed", 3]);
      }
    });

    it("are split where a transaction would be too large", async () => {
      const sessions = await several("Dora", "Emil", "Fritz");
      const bytesMax = sessions[0]!.messages.reduce(
        (sum, { value, typeUrl }) => sum + value.length + typeUrl.length,
        60,
      );
      const outcomes = await collected(world.lender.client.sessions.memorializeTogether(sessions, { bytesMax }));
      const hashes = outcomes.map((outcome) => ("session" in outcome ? outcome.session.receipt.hash : ""));
      assert.equal(new Set(hashes).size, 3);
    });

    it("do not fail for one that the ledger refuses, and nothing of that one is stored", async () => {
      const { client, store, party } = world.lender;
      const [fine, bad, other] = (await several("Gauss", "Hilbert", "Ida")) as [
        ExecutedSession,
        ExecutedSession,
        ExecutedSession,
      ];
      const outcomes = await collected(client.sessions.memorializeTogether([fine, broken(bad), other]));
      const codes = outcomes.map((outcome) => ("error" in outcome ? outcome.error.code : "written"));
      assert.deepEqual(codes.toSorted(), ["ledger.transaction_refused", "written", "written"]);
      assert.deepEqual([await onLedger(fine), await onLedger(bad), await onLedger(other)], [1, 0, 1]);
      await assert.rejects(store.getBytes(bad.evidence.hash, { key: party.encryption }), { code: "object.not_found" });
    });

    it("do not fail for one that the ledger refuses only in the end", async () => {
      const { parts } = world.lender.client;
      const [fine, bad] = (await several("Jacobi", "Kepler")) as [ExecutedSession, ExecutedSession];
      // The plan is made by the price list: nobody has tried the messages.
      let estimates = 0;
      const chain = new Proxy(parts.chain, {
        get: (of, name) =>
          name === "estimate" && estimates++ === 0
            ? async () => of.listedCost([...fine.messages, ...bad.messages])
            : bound(of, name),
      });
      const outcomes = await collected(with_({ chain }).memorializeTogether([fine, broken(bad)]));
      assert.deepEqual(
        outcomes.map((outcome) => ("error" in outcome ? outcome.error.code : "written")),
        ["written", "ledger.transaction_refused"],
      );
      const ends = await Promise.all([fine, bad].map(({ prepared }) => parts.state.get(prepared.executionUuid)));
      assert.deepEqual(
        ends.map((end) => end?.state),
        ["committed", "failed"],
      );
    });

    it("cost no more each than was agreed, or are not written", async () => {
      const { client } = world.lender;
      const [session] = await several("Leibniz");
      const agreed = [{ denomination: "nhash", amount: 1n }];
      const outcomes = await collected(client.sessions.memorializeTogether([session!], { agreed }));
      assert.equal("error" in outcomes[0]! && outcomes[0].error.code, "session.price_exceeded");
    });

    it("cost no more each than was agreed, also when the price has risen since they were planned", async () => {
      const { parts } = world.lender.client;
      const sessions = await several("Euler", "Fermat");
      const price = (await parts.chain.listedCost(sessions[0]!.messages)).fee;
      const agreed = [{ denomination: NHASH, amount: price - 1n }];
      const asBefore = (cost: TransactionCost, rise: bigint) => {
        const fee = cost.fee - rise;
        return { ...cost, fee, amounts: [{ denomination: NHASH, amount: fee }] };
      };
      // Until they are planned one nhash less is wanted for each.
      let estimates = 0;
      const { chain } = parts;
      const before = {
        listedCost: async (...given: Parameters<typeof chain.listedCost>) =>
          asBefore(await chain.listedCost(...given), 1n),
        estimate: async (...given: Parameters<typeof chain.estimate>) =>
          asBefore(await chain.estimate(...given), estimates++ === 0 ? 2n : 0n),
      };
      const rising = new Proxy(chain, { get: (of, name) => Reflect.get(before, name) ?? bound(of, name) });
      const outcomes = await collected(with_({ chain: rising }).memorializeTogether(sessions, { agreed }));
      assert.deepEqual(
        outcomes.map((outcome) => ("error" in outcome ? outcome.error.code : "written")),
        ["ledger.fee_ceiling", "ledger.fee_ceiling"],
      );
      for (const session of sessions) {
        assert.equal(await onLedger(session), 0);
        assert.equal((await parts.state.get(session.prepared.executionUuid))?.state, "failed");
      }
    });

    it("are none of them refused for a store that is broken", async () => {
      const { parts } = world.lender.client;
      const sessions = await several("Galois", "Hamilton");
      const broken = async () => {
        throw new P8eError("store.storage", "the disk is full");
      };
      const store = new Proxy(parts.store, { get: (of, name) => (name === "put" ? broken : bound(of, name)) });
      await assert.rejects(collected(with_({ store }).memorializeTogether(sessions)), { code: "store.storage" });
      for (const session of sessions) {
        assert.equal((await parts.state.get(session.prepared.executionUuid))?.state, "created");
      }
      await world.lender.client.sessions.resume();
    });

    it("are free for others as soon as whoever reads the outcomes stops", async () => {
      const { client, openState } = world.lender;
      const { state } = client.parts;
      const [taken, next] = (await several("Jordan", "Klein")) as [ExecutedSession, ExecutedSession];
      const rowOf = ({ prepared }: ExecutedSession) => {
        const name = prepared.executionUuid;
        return { specification, contract: "example.hello.Greet", name, content: hashContent(new Uint8Array()) };
      };
      await using other = openState();
      const { packaged } = taken.prepared;
      const { scope, sessionUuid } = packaged.request;
      await other.create({
        ...{ uuid: randomUuid(systemRandom), scopeUuid: scope.uuid, sessionUuid, contract: "example.hello.Greet" },
        ...{ envelope: taken.evidence.bytes, price: [], row: rowOf(taken) },
      });
      for await (const outcome of client.sessions.memorializeTogether([taken, next], { rowOf })) {
        assert.equal("error" in outcome && outcome.error.code, "state.conflict");
        break;
      }
      const abandoned = await state.abandoned();
      assert.deepEqual(
        abandoned.map(({ uuid }) => uuid),
        [next.prepared.executionUuid],
      );
      await client.sessions.resume();
    });

    it("are paid by who gave a fee allowance, also when a crash is made up for", async () => {
      const { lender, bank, chain } = world;
      const prefix = chain.accountPrefix;
      const [granter, grantee] = [bank, lender].map(({ party }) => ledgerSigner(party.signing, prefix)) as [
        ReturnType<typeof ledgerSigner>,
        ReturnType<typeof ledgerSigner>,
      ];
      const allowance = ledgerMessage(cosmos.feegrant.MsgGrantAllowanceSchema, {
        granter: granter.address,
        grantee: grantee.address,
        allowance: packAny(cosmos.feegrant.BasicAllowanceSchema, create(cosmos.feegrant.BasicAllowanceSchema)),
      });
      await chain.submit([allowance], { signer: granter });
      const holds = () => chain.accounts.balance(grantee.address);
      const before = await holds();
      const feeGranter = granter.address;
      const all = await several("Noether", "Pascal");
      const together = await collected(lender.client.sessions.memorializeTogether(all, { feeGranter }));
      assert.ok(together.every((outcome) => "session" in outcome));
      const dying = new P8eClient({
        ...lender.client.parts,
        chain: new Proxy(chain, {
          get: (at, name) => (name === "submit" ? () => Promise.reject(new Error("dead")) : bound(at, name)),
        }),
      });
      const priced = await dying.sessions.price(await executed("Riemann"), { feeGranter });
      await assert.rejects(dying.sessions.memorialize(priced));
      const resumed = await lender.client.sessions.resume();
      assert.deepEqual(
        resumed.map(({ execution }) => execution.state),
        ["committed"],
      );
      assert.equal(await holds(), before, "the lender paid nothing");
    });

    it("are each on the ledger once or not at all, at whichever of every third step the process dies", async () => {
      const { parts } = world.lender.client;
      const ends = new Set<string>();
      for (let last = 1; ; last += 3) {
        const sessions = await several(`a ${last}`, `b ${last}`);
        const life = new Lifetime(last, "after");
        const state = world.lender.openState();
        const dying = with_({
          state: life.guard(state),
          store: life.guard(parts.store),
          chain: life.guard(parts.chain),
        });
        const rowOf = ({ prepared }: ExecutedSession) => {
          const name = prepared.executionUuid;
          return { specification, contract: "example.hello.Greet", name, content: hashContent(new Uint8Array()) };
        };
        const failed = await collected(dying.memorializeTogether(sessions, { rowOf })).then(
          () => false,
          () => true,
        );
        // What the kernel does when a process ends.
        await state[Symbol.asyncDispose]();
        await world.lender.client.sessions.resume();
        for (const session of sessions) {
          const at = (await parts.state.get(session.prepared.executionUuid))?.state;
          ends.add(at ?? "unknown");
          assert.ok(at === undefined || at === "failed" || at === "committed", `step ${last}: ${at}`);
          assert.equal(await onLedger(session), at === "committed" ? 1 : 0, `step ${last}`);
          const row = await parts.state.takenRow(rowOf(session));
          assert.equal(row?.execution.uuid, at === undefined ? undefined : session.prepared.executionUuid);
        }
        assert.deepEqual(await world.lender.client.sessions.resume(), []);
        if (!failed) break;
      }
      assert.ok(ends.has("failed") && ends.has("committed"));
    });
  });
}
