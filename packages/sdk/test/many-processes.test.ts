import { randomInt } from "node:crypto";
import { manyProcesses } from "./support/many-processes.ts";

manyProcesses([{ seed: randomInt(1_000_000), count: 3, killed: 1 }]);
