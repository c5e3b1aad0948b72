import { randomInt } from "node:crypto";
import { manyProcesses } from "./support/many-processes.ts";

manyProcesses([
  { seed: 6, count: 20, killed: 1 },
  { seed: randomInt(1_000_000), count: 20, killed: 3 },
]);
