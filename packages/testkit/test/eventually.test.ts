import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { eventually } from "@p8e/testkit";

describe("asking again", () => {
  it("ends with the expected answer", async () => {
    let asked = 0;
    assert.equal(
      await eventually(
        "three",
        async () => ++asked,
        (count) => count === 3,
      ),
      3,
    );
  });

  it("fails with the last answer when time is up", async () => {
    const answer = async () => ({ height: 7n });
    await assert.rejects(
      eventually("eight", answer, ({ height }) => height === 8n, { limitMs: 0 }),
      {
        message: 'eight: still {"height":"7"} after 0 ms',
      },
    );
  });

  it("takes a failure for the answer, unless it is one that passes", async () => {
    let asked = 0;
    const failing = async () => {
      if (++asked < 3) throw new RangeError("not yet");
      return asked;
    };
    await assert.rejects(eventually("an answer", failing), RangeError);
    assert.equal(
      await eventually("an answer", failing, undefined, { isLater: (error) => error instanceof RangeError }),
      3,
    );
    const never = async () => Promise.reject(new RangeError("never"));
    await assert.rejects(eventually("an answer", never, undefined, { limitMs: 0, isLater: () => true }), {
      message: "an answer: still failing: RangeError: never after 0 ms",
      cause: new RangeError("never"),
    });
  });
});
