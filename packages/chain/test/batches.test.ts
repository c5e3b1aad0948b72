import { batchesSuite } from "./batches-suite.ts";
import { embeddedWorld } from "./world.ts";

batchesSuite("the embedded ledger", embeddedWorld);
