// The kill loop with a real node as the ledger, which is killed more often than the others.
import { randomInt } from "node:crypto";
import { describe } from "node:test";
import { optionalProvenanced } from "@p8e/testkit";
import { crashSuite } from "./support/crash-suite.ts";

/** Seeds whose victim is the ledger. */
const ofLedger = (number: number) => 4 * number + 2;

await optionalProvenanced("kill -9 beside a real node", (found) => {
  describe("what was acknowledged outlives kill -9, on a real node", { timeout: 900_000 }, () => {
    for (const indexed of [true, false]) {
      describe(indexed ? "with an index of transactions" : "without one", () => {
        crashSuite({
          node: { ...found, indexed },
          servers: [ofLedger(0), ofLedger(1), ofLedger(randomInt(2 ** 30)), indexed ? 0 : 3],
          parents: indexed ? [8] : [],
          starts: indexed ? ["run/ledger.pid"] : [],
          delayMsMax: 250,
        });
      });
    }
  });
});
