import { describe } from "node:test";
import { crashSuite } from "./support/crash-suite.ts";

describe("what was acknowledged outlives kill -9, of each server once", { timeout: 300_000 }, () => {
  crashSuite({ servers: [0, 1, 2, 3], parents: [], starts: [], delayMsMax: 0 });
});
