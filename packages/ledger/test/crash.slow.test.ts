import { describe } from "node:test";
import { crashSuite } from "./support/crash-suite.ts";

describe("kill -9 while transactions come in, at more moments", () => crashSuite([2, 3]));
