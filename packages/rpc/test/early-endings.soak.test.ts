import assert from "node:assert/strict";
import { randomInt } from "node:crypto";
import { describe, it } from "node:test";
import { runEarlyEndings } from "./early-endings.ts";

/** To each kind of server in turn, so that one seed does not decide everything. */
const ROUND = 500;
const ROUNDS = 10;

describe("10,000 calls that end before their time", () => {
  for (const server of ["p8e", "grpc-js"] as const) {
    for (let round = 1; round <= ROUNDS; round++) {
      it(`end as they were to, against ${server}, round ${round} of ${ROUNDS}`, async (t) => {
        const seed = randomInt(1, 2 ** 31);
        t.diagnostic(`seed ${seed}`);
        const result = await runEarlyEndings({ client: "p8e", server, seed, calls: ROUND });
        assert.deepEqual(result, { calls: ROUND, strange: [], wholes: 0, running: 0 }, `seed ${seed}`);
      });
    }
  }
});
