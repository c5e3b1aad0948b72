import { togetherSuite } from "./together-suite.ts";
import { openWorld } from "./world-fixture.ts";

togetherSuite("the embedded ledger", openWorld);
