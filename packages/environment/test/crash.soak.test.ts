import { randomInt } from "node:crypto";
import { describe } from "node:test";
import { crashSuite } from "./support/crash-suite.ts";

const range = (from: number, count: number) => Array.from({ length: count }, (_, index) => from + index);

describe("what was acknowledged outlives kill -9, again and again", { timeout: 900_000 }, () => {
  const starts = [
    "folder.pid",
    "postgres/cluster.id",
    "postgres/cluster/PG_VERSION",
    "postgres/cluster/postmaster.pid",
    "environment.json",
    "run/ledger.pid",
    "ledger/folder.lock",
  ];
  crashSuite({
    starts,
    servers: [...range(100, 40), randomInt(2 ** 32)],
    parents: [...range(200, 7), randomInt(2 ** 32)],
    delayMsMax: 250,
  });
});
