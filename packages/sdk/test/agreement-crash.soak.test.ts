import { randomInt } from "node:crypto";
import { agreementCrashes } from "./support/agreement-crash.ts";

agreementCrashes(Array.from({ length: 200 }, () => randomInt(1_000_000)));
