import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { MaintenanceGround } from "./support/long-maintenance.ts";

const MINUTE_MS = 60_000;

describe("a peer in maintenance for five minutes, with 40 objects of 5 MB waiting for it", () => {
  const ground = new MaintenanceGround();

  it("gets all of them when it is back; none is blamed", async (t) => {
    const isOver = (_refusals: number, lastedMs: number) => lastedMs >= 5 * MINUTE_MS;
    const refusals = await ground.run({ isOver, limitMs: 7 * MINUTE_MS });
    t.diagnostic(`${refusals} attempts refused`);
    assert.ok(refusals > 100, `${refusals} attempts`);
  });
});
