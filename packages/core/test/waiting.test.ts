import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type Clock, callSignal, jittered, P8eError, pause, retry, untilCancelled } from "@p8e/core";

const away = () => new P8eError("rpc.unavailable", "nobody answers");

/** Time that passes only while somebody sleeps. */
function turnedClock(): Clock & { readonly slept: number[] } {
  const slept: number[] = [];
  let now = 1_000_000;
  return {
    slept,
    now: () => now,
    sleep: async (milliseconds) => {
      slept.push(milliseconds);
      now += milliseconds;
    },
  };
}

/** Fails with each error in turn, then succeeds. */
function failing(...errors: readonly unknown[]): (attempt: number) => Promise<number> {
  return async (attempt) => {
    if (attempt <= errors.length) throw errors[attempt - 1];
    return attempt;
  };
}

describe("a pause", () => {
  it("ends at once when its signal fires, for each of a thousand that wait", async () => {
    const controller = new AbortController();
    const pauses = Array.from({ length: 1000 }, () => pause(600_000, controller.signal));
    controller.abort();
    const ended = await Promise.allSettled(pauses);
    assert.deepEqual(
      new Set(ended.map((each) => each.status === "rejected" && each.reason.code)),
      new Set(["rpc.cancelled"]),
    );
  });

  it("does not begin under a signal that has fired, and says with its reason why", async () => {
    await assert.rejects(pause(0, AbortSignal.abort()), { code: "rpc.cancelled" });
    await assert.rejects(pause(600_000, AbortSignal.timeout(1)), { code: "rpc.deadline" });
    const reason = new P8eError("store.unavailable", "the store is closing");
    await assert.rejects(pause(0, AbortSignal.abort(reason)), (error) => error === reason);
    await assert.rejects(pause(0, AbortSignal.abort(new Error("enough"))), {
      code: "rpc.cancelled",
      cause: new Error("enough"),
    });
  });

  it("longer than a timer can be set for is none that ends at once", async () => {
    const controller = new AbortController();
    let over = false;
    const long = pause(2 ** 40, controller.signal).finally(() => {
      over = true;
    });
    await pause(20);
    assert.equal(over, false);
    controller.abort();
    await assert.rejects(long, { code: "rpc.cancelled" });
  });
});

describe("waiting until cancelled", () => {
  it("leaves the promise alone, and its later failure harms nobody", async () => {
    const { promise, reject } = Promise.withResolvers<number>();
    const controller = new AbortController();
    const waiting = untilCancelled(promise, controller.signal);
    controller.abort();
    await assert.rejects(waiting, { code: "rpc.cancelled" });
    reject(new Error("too late for anybody"));
    assert.equal(await untilCancelled(Promise.resolve(7), new AbortController().signal), 7);
    assert.equal(await untilCancelled(Promise.resolve(7), undefined), 7);
  });
});

describe("signal and timeout of a call", () => {
  it("are one signal, and none where there is neither", () => {
    const { signal } = new AbortController();
    assert.equal(callSignal({}), undefined);
    assert.equal(callSignal({ signal, timeoutMs: undefined }), signal);
    assert.equal(callSignal({ signal, timeoutMs: Number.POSITIVE_INFINITY }), signal);
    assert.equal(callSignal({ signal: AbortSignal.abort(), timeoutMs: 1000 })?.aborted, true);
  });

  it("end what waits, by whichever fires first", async () => {
    await assert.rejects(pause(600_000, callSignal({ timeoutMs: 0 })), { code: "rpc.deadline" });
    await assert.rejects(pause(600_000, callSignal({ signal: new AbortController().signal, timeoutMs: 1 })), {
      code: "rpc.deadline",
    });
  });
});

describe("trying again", () => {
  const pace = { firstMs: 50, mostMs: 1000 };

  it("goes on until it works, each pause twice as long, up to the longest", async () => {
    const clock = turnedClock();
    const attempts = await retry(failing(...Array.from({ length: 7 }, away)), { ...pace, clock, attempts: 10 });
    assert.equal(attempts, 8);
    assert.deepEqual(clock.slept, [50, 100, 200, 400, 800, 1000, 1000]);
  });

  it("ends with the last failure when the attempts are used up", async () => {
    const clock = turnedClock();
    const last = away();
    await assert.rejects(
      retry(failing(away(), away(), last, away()), { ...pace, clock, attempts: 3 }),
      (error) => error === last,
    );
    assert.deepEqual(clock.slept, [50, 100]);
  });

  it("ends when the time is used up, which runs from the first failure", async () => {
    const clock = turnedClock();
    const slowly = async (): Promise<never> => {
      if (clock.slept.length === 0) await clock.sleep(60_000);
      throw away();
    };
    await assert.rejects(retry(slowly, { ...pace, clock, forMs: 400 }), { code: "rpc.unavailable" });
    assert.deepEqual(clock.slept, [60_000, 50, 100, 200]);
  });

  it("gives other failures to the caller at once", async () => {
    const clock = turnedClock();
    for (const error of [
      new P8eError("input.invalid", "no"),
      new TypeError("a bug"),
      new P8eError("rpc.cancelled", "stop"),
    ]) {
      await assert.rejects(retry(failing(error), { ...pace, clock, attempts: 3 }), (thrown) => thrown === error);
    }
    const when = (error: unknown) => error instanceof TypeError;
    assert.equal(await retry(failing(new TypeError("wanted")), { ...pace, clock, attempts: 3, when }), 2);
  });

  it("is stopped in the middle of a pause, for each of a thousand", async () => {
    const controller = new AbortController();
    const options = { firstMs: 600_000, mostMs: 600_000, attempts: 2, signal: controller.signal };
    let attempts = 0;
    const tries = Array.from({ length: 1000 }, () =>
      retry(async () => {
        attempts += 1;
        throw away();
      }, options),
    );
    await pause(5);
    controller.abort();
    const ended = await Promise.allSettled(tries);
    assert.deepEqual(
      new Set(ended.map((each) => each.status === "rejected" && each.reason.code)),
      new Set(["rpc.cancelled"]),
    );
    assert.equal(attempts, 1000);
    await assert.rejects(retry(failing(), { ...options }), { code: "rpc.cancelled" });
  });

  it("spreads its pauses between three and five quarters with the random bytes it is given", async () => {
    for (const [byte, expected] of [
      [0, 75],
      [255, 125],
    ] as const) {
      const clock = turnedClock();
      const random = () => Uint8Array.of(byte);
      assert.equal(jittered(100, random), expected);
      await retry(failing(away()), { firstMs: 100, mostMs: 100, attempts: 2, clock, random });
      assert.deepEqual(clock.slept, [expected]);
    }
  });
});
