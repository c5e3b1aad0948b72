import { randomInt } from "node:crypto";
import { manyProcesses } from "./support/many-processes.ts";

manyProcesses(Array.from({ length: 20 }, () => ({ seed: randomInt(1_000_000), count: 6, killed: 4, anywhere: true })));
