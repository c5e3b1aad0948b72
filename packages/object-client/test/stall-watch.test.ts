import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { setTimeout } from "node:timers/promises";
import { StallWatch } from "../src/stall-watch.ts";

describe("the watch over a call", () => {
  it("waits for nothing any more when the call has ended while its next message was being made", async () => {
    const made = Promise.withResolvers<void>();
    async function* messages(): AsyncGenerator<number, void> {
      yield 1;
      await made.promise;
      yield 2;
    }
    const watch = new StallWatch(5, undefined);
    const sending = watch.sending(messages());
    await sending.next();
    const late = sending.next();
    watch[Symbol.dispose]();
    made.resolve();
    await late;
    await setTimeout(50);
    assert.equal(watch.signal.aborted, false);
  });
});
