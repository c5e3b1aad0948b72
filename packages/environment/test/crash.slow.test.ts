import { randomInt } from "node:crypto";
import { describe } from "node:test";
import { crashSuite } from "./support/crash-suite.ts";

describe("what was acknowledged outlives kill -9, of each server, of the process that runs them all, and at the start", {
  timeout: 900_000,
}, () => {
  crashSuite({
    servers: [0, 1, 2, 3, 4, 5, 6, 7, randomInt(2 ** 32)],
    parents: [8, 9],
    starts: ["run/bank-store.pid"],
    delayMsMax: 0,
  });
});
