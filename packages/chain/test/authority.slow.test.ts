import { authoritySuite } from "./authority-suite.ts";
import { embeddedWorld } from "./world.ts";

authoritySuite("the embedded ledger", embeddedWorld);
