import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { ChainClock, emptyBlockTime } from "../src/node/chain-clock.ts";

function clock(intervalMs: number) {
  let now = 1_000;
  const chain = new ChainClock({ height: 10n, timeMs: 1_000 }, intervalMs, () => now);
  return { chain, wait: (ms: number) => (now += ms) };
}

describe("chain clock", () => {
  it("counts one empty block for every interval that passed", () => {
    const { chain, wait } = clock(200);
    assert.deepEqual(chain.latest(), { height: 10n, timeMs: 1_000 });
    wait(199);
    assert.equal(chain.latest().height, 10n);
    wait(401);
    assert.deepEqual(chain.latest(), { height: 13n, timeMs: 1_600 });
  });

  it("counts nothing without an interval", () => {
    const { chain, wait } = clock(0);
    wait(1_000_000);
    assert.equal(chain.latest().height, 10n);
    assert.deepEqual(chain.next(), { height: 11n, timeMs: 1_001_000 });
  });

  it("gives the next block the slot it falls into", () => {
    const { chain, wait } = clock(200);
    wait(50);
    assert.deepEqual(chain.next(), { height: 11n, timeMs: 1_050 });
    wait(400);
    assert.deepEqual(chain.next(), { height: 12n, timeMs: 1_450 });
  });

  it("puts the next block above a height that was shown", () => {
    const { chain, wait } = clock(200);
    wait(450);
    assert.equal(chain.latest().height, 12n);
    assert.equal(chain.next().height, 13n);
  });

  it("stands still while a block is being made, so that nothing is shown at or above its height", () => {
    const { chain, wait } = clock(200);
    wait(50);
    const making = chain.begin();
    wait(2_000);
    assert.ok(chain.latest().height < making.height);
    chain.advanceTo(making);
    assert.deepEqual(chain.base, { height: 11n, timeMs: 1_050 });
    assert.equal(chain.latest().height, 21n);
    chain.begin();
    chain.giveUp();
    wait(200);
    assert.equal(chain.latest().height, 22n);
  });

  it("never goes back when the clock does", () => {
    const { chain, wait } = clock(200);
    wait(1_000);
    const shown = chain.latest();
    wait(-5_000);
    assert.deepEqual(chain.latest(), shown);
    assert.ok(chain.next().height > shown.height);
    assert.ok(chain.next().timeMs > shown.timeMs);
  });

  it("makes heights and times ascend strictly, whatever is shown in between", () => {
    const step = fc.record({ waitMs: fc.integer({ min: -500, max: 2_000 }), show: fc.boolean() });
    fc.assert(
      fc.property(fc.array(step), fc.constantFrom(0, 1, 200), (steps, intervalMs) => {
        const { chain, wait } = clock(intervalMs);
        let before = chain.base;
        for (const { waitMs, show } of steps) {
          wait(waitMs);
          if (show) chain.latest();
          const next = chain.next();
          assert.ok(next.height > before.height && next.timeMs > before.timeMs);
          for (let height = before.height + 1n; height <= next.height; height++) {
            const [lower, upper] = [height - 1n, height].map((each) =>
              each === before.height ? before.timeMs : emptyBlockTime(before, intervalMs, next, each),
            );
            assert.ok(lower! < upper!, `time of height ${height}`);
          }
          chain.advanceTo(next);
          before = next;
        }
      }),
    );
  });
});
