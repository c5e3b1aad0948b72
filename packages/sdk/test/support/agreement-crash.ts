import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { scopeAddress, type Uuid } from "@p8e/core";
import { P8eClient, type StateStore } from "@p8e/sdk";
import { eventually } from "@p8e/testkit";
import type { WorldParty } from "../world-fixture.ts";
import { type AgreeWorld, openAgreeWorld, priced } from "./agree-world.ts";
import { Lifetime } from "./lifetime.ts";

/** Calls of these parts of a part count as well. */
const PARTS = ["agreements", "metadata", "accounts"];

/** A party whose process may die, and is started again on the same files. */
class Mortal {
  readonly #party: WorldParty;
  #life: Lifetime | undefined;
  #state: StateStore;
  #client: P8eClient;
  deaths = 0;

  constructor(party: WorldParty, life: Lifetime | undefined) {
    this.#party = party;
    this.#life = life;
    this.#state = party.openState();
    const { parts } = party.client;
    const state = this.#state;
    this.#client = new P8eClient(
      life === undefined
        ? { ...parts, state }
        : { ...parts, state: life.guard(state), store: life.guard(parts.store), chain: life.guard(parts.chain) },
    );
  }

  /** Whatever comes of it when the process dies; a living one may not fail. */
  async does(work: (client: P8eClient) => Promise<unknown>): Promise<void> {
    try {
      await work(this.#client);
    } catch (error) {
      if (this.#life?.over !== true) throw error;
    }
    if (this.#life?.over !== true) return;
    // What the kernel does when a process ends.
    await this.#state[Symbol.asyncDispose]();
    this.deaths += 1;
    this.#life = undefined;
    this.#state = this.#party.openState();
    this.#client = new P8eClient({ ...this.#party.client.parts, state: this.#state });
  }

  async stateOf(execution: Uuid): Promise<string | undefined> {
    return (await this.#state.get(execution))?.state ?? (await this.#state.agreements.approval(execution))?.state;
  }

  async close(): Promise<void> {
    await this.#state[Symbol.asyncDispose]();
  }
}

async function takeMail({ parts, agreements }: P8eClient): Promise<void> {
  const { encryption } = parts.party;
  for (const mail of await parts.store.mail(encryption)) {
    await agreements.receive(mail);
    await parts.store.acknowledge(mail.uuid, encryption.publicKey);
  }
  await agreements.settle();
}

/** The same in a world of its own. */
export function agreementCrashes(seeds: readonly number[]): void {
  describe("in a world of its own", () => {
    let world: AgreeWorld;
    before(async () => {
      world = await openAgreeWorld(undefined, { three: false });
    });
    after(() => world?.[Symbol.asyncDispose]());
    agreementCrashesIn(() => world, seeds);
  });
}

/** One of two parties dies at a call that the seed gives: the session is on the ledger once, or was never asked for. */
export function agreementCrashesIn(open: () => AgreeWorld, seeds: readonly number[]): void {
  describe("a session of two parties, one of whom dies on the way", () => {
    let world: AgreeWorld;
    let deaths = 0;
    before(() => {
      world = open();
    });

    for (const seed of seeds) {
      const invoker = seed % 2 === 0;
      const last = 1 + ((seed * 7919) % (invoker ? 70 : 40));
      const when = seed % 3 === 0 ? "before" : "after";
      it(`seed ${seed}: ${invoker ? "the invoker" : "who is asked"} dies ${when} call ${last}`, async (t) => {
        const participants = { OWNER: world.lender.affiliate, SERVICER: world.bank.affiliate };
        const session = await priced(world, { contract: "two", participants, name: `seed ${seed}` });
        const { executionUuid, packaged } = session.executed.prepared;
        const life = new Lifetime(last, when, PARTS);
        const lender = new Mortal(world.lender, invoker ? life : undefined);
        const bank = new Mortal(world.bank, invoker ? undefined : life);
        try {
          await lender.does((client) => client.agreements.request(session));
          const round = async () => {
            await lender.does(takeMail);
            await bank.does(takeMail);
            const asked = await bank.stateOf(executionUuid);
            if (asked === "received" || asked === "inspected") {
              await bank.does((client) => client.agreements.approve(executionUuid));
            }
            return [await lender.stateOf(executionUuid), await bank.stateOf(executionUuid)].join();
          };
          // One that died before it had asked is given up, or was never begun.
          const ends = ["committed,committed", "failed,", ","];
          const end = await eventually("it comes to its end", round, (states) => ends.includes(states));
          deaths += lender.deaths + bank.deaths;
          t.diagnostic(`${end || "never begun"}, deaths: ${lender.deaths + bank.deaths}`);
          const address = packaged.request.scope.uuid;
          const found = await world.chain.metadata.scope(scopeAddress(address), { sessions: true, records: true });
          if (end === "committed,committed") {
            assert.deepEqual([found?.sessions.map(({ audit }) => audit?.version), found?.records.length], [[1], 1]);
          } else {
            assert.ok(invoker, end);
            assert.equal(found, undefined);
          }
          const [granter, grantee] = [world.bank, world.lender].map(({ client }) => client.parts.state.origin.party);
          await eventually(
            "nothing is left of the grant",
            async () => {
              await bank.does(takeMail);
              return (await world.chain.accounts.grants(granter!, grantee!)).length;
            },
            (left) => left === 0,
          );
        } finally {
          await lender.close();
          await bank.close();
        }
      });
    }

    it("was interrupted in most of these", (t) => {
      t.diagnostic(`${deaths} deaths in ${seeds.length} sessions`);
      assert.ok(deaths >= seeds.length / 2, `${deaths} deaths`);
    });
  });
}
