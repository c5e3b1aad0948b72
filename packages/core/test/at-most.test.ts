import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { setImmediate as nextRound } from "node:timers/promises";
import { mapAtMost, P8eError, pause, Turns } from "@p8e/core";
import fc from "fast-check";

describe("at most so many at a time", () => {
  it("works on each item once, never on more than the limit, and keeps their order", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 9 }),
        fc.array(fc.nat(3), { maxLength: 40 }),
        async (limit, rounds) => {
          let running = 0;
          let most = 0;
          const results = await mapAtMost(limit, rounds.entries(), async ([at, wait]) => {
            most = Math.max(most, ++running);
            for (let round = 0; round < wait; round++) await nextRound();
            running -= 1;
            return at;
          });
          assert.deepEqual(results, [...rounds.keys()]);
          assert.ok(most <= limit);
          if (rounds.length > 0) assert.equal(most >= 1, true);
        },
      ),
      { numRuns: 40 },
    );
  });

  it("begins as many as it may: all of them when the limit is larger", async () => {
    let begun = 0;
    const { promise, resolve } = Promise.withResolvers<void>();
    const all = mapAtMost(1000, Array(900).keys(), async () => {
      if (++begun === 900) resolve();
      await promise;
    });
    assert.equal((await all).length, 900);
  });

  it("stops at the first failure: what runs is told and waited for, nothing more begins", async () => {
    const failure = new P8eError("store.unavailable", "away");
    let begun = 0;
    let ended = 0;
    const all = mapAtMost(8, Array(10_000).keys(), async (item, signal) => {
      begun += 1;
      try {
        if (item === 50) throw failure;
        await (item < 50 ? nextRound() : pause(600_000, signal));
      } finally {
        await nextRound();
        ended += 1;
      }
    });
    await assert.rejects(all, (error) => error === failure);
    assert.equal(ended, begun);
    assert.ok(begun <= 58, `${begun} had begun`);
  });

  it("is cancelled in the middle of ten thousand: what runs is told and waited for", async () => {
    const controller = new AbortController();
    let running = 0;
    let begun = 0;
    const all = mapAtMost(
      64,
      Array(10_000).keys(),
      async (item, signal) => {
        begun += 1;
        running += 1;
        if (item === 1000) controller.abort();
        try {
          await (item < 1000 ? nextRound() : pause(600_000, signal));
        } finally {
          running -= 1;
        }
      },
      controller.signal,
    );
    await assert.rejects(all, { code: "rpc.cancelled" });
    assert.equal(running, 0);
    assert.ok(begun < 1100, `${begun} had begun`);
  });

  it("is cancelled even where the work does not listen", async () => {
    const controller = new AbortController();
    let done = 0;
    const all = mapAtMost(
      2,
      Array(100).keys(),
      async (item) => {
        await nextRound();
        if (item === 10) controller.abort();
        done += 1;
      },
      controller.signal,
    );
    await assert.rejects(all, { code: "rpc.cancelled" });
    assert.ok(done <= 13, `${done} were done`);
    await assert.rejects(
      mapAtMost(1, [1], async () => assert.fail("it must not begin"), AbortSignal.abort()),
      { code: "rpc.cancelled" },
    );
  });

  it("takes items as there is room, and closes a source that it does not finish", async () => {
    let taken = 0;
    let closed = false;
    function* source() {
      try {
        for (;;) yield ++taken;
      } finally {
        closed = true;
      }
    }
    const all = mapAtMost(3, source(), async (item) => {
      await nextRound();
      if (item === 5) throw new Error("enough");
    });
    await assert.rejects(all, { message: "enough" });
    assert.ok(closed && taken <= 8, `${taken} were taken`);
  });

  it("fails as its source does", async () => {
    function* source() {
      yield 1;
      throw new RangeError("no more");
    }
    await assert.rejects(
      mapAtMost(4, source(), async (item) => item),
      RangeError,
    );
  });
});

describe("turns", () => {
  it("are given in the order of asking, and never more than there are places", async () => {
    const turns = new Turns(3);
    const order: number[] = [];
    let inside = 0;
    const visit = async (name: number) => {
      using _place = await turns.take();
      order.push(name);
      assert.ok(++inside <= 3);
      for (let round = 0; round < name % 4; round++) await nextRound();
      inside -= 1;
    };
    await Promise.all(Array.from({ length: 200 }, (_, name) => visit(name)));
    assert.deepEqual(order, [...Array(200).keys()]);
  });

  it("that are cancelled while waiting are skipped, and no place is lost", async () => {
    const turns = new Turns(1);
    const controller = new AbortController();
    const first = await turns.take();
    const waiting = Array.from({ length: 10_000 }, (_, at) => turns.take(at % 2 === 0 ? controller.signal : undefined));
    const ended = waiting.map(async (turn) => {
      using _place = await turn;
    });
    controller.abort();
    await Promise.allSettled(waiting.filter((_, at) => at % 2 === 0));
    assert.equal(turns.waiting, 5000);
    first[Symbol.dispose]();
    first[Symbol.dispose]();
    const outcomes = await Promise.allSettled(ended);
    assert.deepEqual(
      outcomes.map(({ status }) => status),
      Array.from({ length: 10_000 }, (_, at) => (at % 2 === 0 ? "rejected" : "fulfilled")),
    );
    using _last = await turns.take(controller.signal).catch(() => turns.take());
    assert.equal(turns.waiting, 0);
  });
});
