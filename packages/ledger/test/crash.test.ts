import { describe } from "node:test";
import { crashSuite } from "./support/crash-suite.ts";

describe("kill -9 while transactions come in", () => crashSuite([1, Math.trunc(Date.now() % 1_000_000)]));
