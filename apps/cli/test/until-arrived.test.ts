import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { P8eError } from "@p8e/core";
import { untilArrived } from "../src/story/until-arrived.ts";

describe("the story, where it waits for what is on its way", () => {
  /** Time passes only while somebody sleeps. */
  function waiting() {
    let now = 0;
    const clock = {
      now: () => now,
      sleep: async (milliseconds: number) => {
        now += milliseconds;
      },
    };
    return { who: "the warehouse bank", what: "the loan", signal: new AbortController().signal, clock };
  }
  const absent = (what: string) => new P8eError("object.not_found", `no ${what}`, { facts: { hash: what } });

  it("looks until it is there", async () => {
    let looks = 0;
    const look = async () => {
      looks += 1;
      if (looks === 1) throw absent("object");
      return looks === 2 ? undefined : looks;
    };
    assert.equal(await untilArrived(waiting(), look), 3);
  });

  it("says who has waited for what, how long, and what was missing to the last", async () => {
    const look = async () => {
      throw absent("object");
    };
    await assert.rejects(untilArrived(waiting(), look), {
      code: "object.not_found",
      message: "the warehouse bank has waited 60 seconds in vain for the loan: no object",
      facts: { hash: "object" },
    });
    await assert.rejects(
      untilArrived({ ...waiting(), patienceMs: 5000 }, async () => undefined),
      {
        code: "rpc.deadline",
        message: "the warehouse bank has waited 5 seconds in vain for the loan: it has not come",
      },
    );
  });

  it("does not wait for what no waiting mends, nor for nobody", async () => {
    let looks = 0;
    const look = async () => {
      looks += 1;
      throw new P8eError("session.rejected", "no");
    };
    await assert.rejects(untilArrived(waiting(), look), { code: "session.rejected" });
    assert.equal(looks, 1);
    const interrupted = { ...waiting(), signal: AbortSignal.abort() };
    await assert.rejects(untilArrived(interrupted, look), { code: "rpc.cancelled" });
    assert.equal(looks, 1);
  });
});
