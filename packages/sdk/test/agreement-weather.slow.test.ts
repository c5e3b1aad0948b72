// Mail as the worst post brings it, and a store that is away for an hour: the session comes to the ledger, once.
import assert from "node:assert/strict";
import { randomInt } from "node:crypto";
import { after, before, describe, it } from "node:test";
import { P8eError, scopeAddress, type Uuid } from "@p8e/core";
import type { Mail, ObjectClient } from "@p8e/object-client";
import { P8eClient, takeIn } from "@p8e/sdk";
import { eventually } from "@p8e/testkit";
import { type AgreeWorld, openAgreeWorld, priced } from "./support/agree-world.ts";
import { bound } from "./support/lifetime.ts";
import type { WorldParty } from "./world-fixture.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** Time as the parties' clocks have it: it goes on by minutes from look to look. */
class Clock {
  #ahead = 0;

  readonly now = (): number => Date.now() + this.#ahead;

  pass(milliseconds: number): void {
    this.#ahead += milliseconds;
  }
}

/** Numbers that a seed gives. */
function numbers(seed: number): () => number {
  let state = seed >>> 0 || 1;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

/** A party's store that delays, reorders, doubles and repeats its letters, and is away for a time. */
class BadPost {
  readonly #store: ObjectClient;
  readonly #draw: () => number;
  readonly #clock: Clock;
  readonly #seen = new Map<Uuid, Mail>();
  readonly #away: { readonly fromMs: number; readonly untilMs: number } | undefined;
  /** How often it was asked in vain, and how many letters it handed out that had been taken in. */
  refused = 0;
  repeated = 0;

  constructor(store: ObjectClient, draw: () => number, clock: Clock, awayForMs: number) {
    this.#store = store;
    this.#draw = draw;
    this.#clock = clock;
    this.#away = awayForMs === 0 ? undefined : { fromMs: clock.now(), untilMs: clock.now() + awayForMs };
  }

  /** All that it has ever handed out. */
  get letters(): readonly Mail[] {
    return [...this.#seen.values()];
  }

  readonly asStore = (): ObjectClient =>
    new Proxy(this.#store, {
      get: (store, name) => {
        const member = name === "mail" ? this.#mail : name === "acknowledge" ? this.#acknowledge : bound(store, name);
        if (typeof member !== "function") return member;
        return async (...given: unknown[]) => {
          this.#requireThere();
          return (member as (...args: unknown[]) => unknown)(...given);
        };
      },
    });

  readonly #mail = async (...given: Parameters<ObjectClient["mail"]>): Promise<readonly Mail[]> => {
    const skip = new Set(given[1]?.skip ?? []);
    const fresh = await this.#store.mail(...given);
    const repeated = this.letters.filter(({ uuid }) => this.#draw() < 0.3 && fresh.every((each) => each.uuid !== uuid));
    const handed = [...fresh.filter(() => this.#draw() < 0.6), ...repeated].filter(({ uuid }) => !skip.has(uuid));
    this.repeated += repeated.length;
    for (const mail of handed) this.#seen.set(mail.uuid, mail);
    const doubled = handed.flatMap((mail) => (this.#draw() < 0.3 ? [mail, mail] : [mail]));
    return doubled
      .map((mail) => [this.#draw(), mail] as const)
      .sort(([one], [other]) => one - other)
      .map(([, mail]) => mail);
  };

  /** A letter that comes again was acknowledged before; its store knows nothing of it any more. */
  readonly #acknowledge = async (...given: Parameters<ObjectClient["acknowledge"]>): Promise<void> => {
    await this.#store.acknowledge(...given).catch((error: unknown) => {
      if (!this.#seen.has(given[0])) throw error;
    });
  };

  #requireThere(): void {
    const now = this.#clock.now();
    if (this.#away === undefined || now < this.#away.fromMs || now >= this.#away.untilMs) return;
    this.refused += 1;
    throw new P8eError("rpc.unavailable", "the store is away");
  }
}

describe("a session of two parties in bad weather", () => {
  let world: AgreeWorld;
  before(async () => {
    world = await openAgreeWorld(undefined, { three: false });
  });
  after(() => world?.[Symbol.asyncDispose]());

  for (const seed of [1, 2, randomInt(1_000_000)]) {
    it(`seed ${seed}: the bank's store is away for an hour, letters come late, twice, again and in any order`, async () => {
      const { lender, bank, chain } = world;
      const draw = numbers(seed);
      const clock = new Clock();
      const of = ({ client }: WorldParty, post: BadPost) =>
        new P8eClient({ ...client.parts, store: post.asStore(), nowMs: clock.now });
      const participants = { OWNER: lender.affiliate, SERVICER: bank.affiliate };
      const session = await priced(world, { contract: "two", participants, name: `weather ${seed}` });
      const { executionUuid: execution, packaged } = session.executed.prepared;
      const posts = {
        lender: new BadPost(lender.store, draw, clock, 0),
        bank: new BadPost(bank.store, draw, clock, HOUR),
      };
      const atLender = of(lender, posts.lender);
      const atBank = of(bank, posts.bank);
      await atLender.agreements.request(session);
      const begun = clock.now();

      const round = async () => {
        clock.pass(5 * MINUTE);
        for (const client of [atLender, atBank])
          await despite(async () => {
            for await (const news of takeIn(client)) assert.notEqual(news.kind, "quarantined");
          });
        const asked = await atBank.parts.state.agreements.approval(execution);
        if (asked?.state === "received" || asked?.state === "inspected") {
          await despite(() => atBank.agreements.approve(execution, { waitMs: 0 }));
        }
        const own = await atLender.parts.state.get(execution);
        const theirs = await atBank.parts.state.agreements.approval(execution);
        return [own?.state, theirs?.state, theirs?.granted].join();
      };
      await eventually(
        "it is on the ledger, and nothing is left of the grant",
        round,
        (at) => at === "committed,committed,false",
      );
      assert.ok(clock.now() - begun >= HOUR);
      assert.ok(posts.bank.refused > 0);

      const steps = async () => {
        const found = await Promise.all([atLender, atBank].map(({ agreements }) => agreements.transitions(execution)));
        return found.map((each) => each.map(({ to }) => to));
      };
      const before = await steps();
      for (const [client, post] of [
        [lender.client, posts.lender],
        [bank.client, posts.bank],
      ] as const) {
        for (const mail of post.letters) {
          assert.equal((await client.agreements.receive(mail)).kind, "nothing");
        }
        await client.agreements.settle();
      }
      assert.deepEqual(await steps(), before);
      const address = scopeAddress(packaged.request.scope.uuid);
      const found = await chain.metadata.scope(address, { sessions: true, records: true });
      assert.deepEqual([found?.sessions.map(({ audit }) => audit?.version), found?.records.length], [[1], 1]);
      const [granter, grantee] = [bank, lender].map(({ client }) => client.parts.state.origin.party);
      assert.deepEqual(await chain.accounts.grants(granter!, grantee!), []);
    });
  }
});

/** What passes is tried again in the next round. */
async function despite(work: () => Promise<unknown>): Promise<void> {
  try {
    await work();
  } catch (thrown) {
    const error = P8eError.from(thrown);
    if (!error.status.retry && error.code !== "object.not_found" && error.code !== "state.conflict") throw error;
  }
}
