import { randomInt } from "node:crypto";
import { describe } from "node:test";
import { crashSuite } from "./support/crash-suite.ts";

describe("kill -9 while transactions come in", () => crashSuite([1, 2, 3, randomInt(1_000_000)]));
