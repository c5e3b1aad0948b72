import assert from "node:assert/strict";
import { randomInt } from "node:crypto";
import { describe, it } from "node:test";
import { runEarlyEndings } from "./early-endings.ts";

/** Half of them against each kind of server, both roles in every run: uploads that are refused, downloads that are left. */
const CALLS = 250;

describe("500 calls that end before their time", () => {
  for (const server of ["p8e", "grpc-js"] as const) {
    it(`end as they were to, against ${server}`, async (t) => {
      const seed = randomInt(1, 2 ** 31);
      t.diagnostic(`seed ${seed}`);
      const result = await runEarlyEndings({ client: "p8e", server, seed, calls: CALLS });
      assert.deepEqual(result, { calls: CALLS, strange: [], wholes: 0, running: 0 }, `seed ${seed}`);
    });
  }

  it("end as they were to or with the connection, where connections break as well", async (t) => {
    const seed = randomInt(1, 2 ** 31);
    t.diagnostic(`seed ${seed}`);
    const result = await runEarlyEndings({ client: "p8e", server: "p8e", seed, calls: CALLS, weather: true });
    assert.deepEqual(result, { calls: CALLS, strange: [], wholes: 0, running: 0 }, `seed ${seed}`);
  });

  it("end as they were to, with a grpc-js client against our server", async (t) => {
    const seed = randomInt(1, 2 ** 31);
    t.diagnostic(`seed ${seed}`);
    const { calls, strange, running } = await runEarlyEndings({ client: "grpc-js", server: "p8e", seed, calls: CALLS });
    assert.deepEqual({ calls, strange, running }, { calls: CALLS, strange: [], running: 0 }, `seed ${seed}`);
  });
});
