import { grantsSuite } from "./grants-suite.ts";
import { embeddedWorld } from "./world.ts";

grantsSuite("the embedded ledger", embeddedWorld);
