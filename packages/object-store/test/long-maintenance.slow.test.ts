import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { MaintenanceGround } from "./support/long-maintenance.ts";

/** A peer is asked once a second, give or take a tenth: in five minutes no more often than this. */
const REFUSALS_IN_FIVE_MINUTES = 334;

describe("a peer in maintenance, with 40 objects of 5 MB waiting for it", () => {
  const ground = new MaintenanceGround();

  it("gets all of them when it is back after as many attempts as five minutes hold; none is blamed", async (t) => {
    // Attempts follow each other without a pause; how it is in real time is the soak's to show.
    const environment = { BACKOFF_MIN_WAIT: "0", BACKOFF_MAX_WAIT: "0" };
    const isOver = (refusals: number) => refusals >= REFUSALS_IN_FIVE_MINUTES;
    const refusals = await ground.run({ environment, isOver, limitMs: 300_000 });
    t.diagnostic(`${refusals} attempts refused`);
    assert.ok(refusals >= REFUSALS_IN_FIVE_MINUTES);
  });
});
