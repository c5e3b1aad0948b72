import { scopesSuite } from "./scopes-suite.ts";
import { openWorld } from "./world-fixture.ts";

scopesSuite("the embedded ledger", () => openWorld());
