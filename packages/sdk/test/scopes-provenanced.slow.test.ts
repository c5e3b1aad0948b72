import { optionalProvenanced } from "@p8e/testkit";
import { scopesSuite } from "./scopes-suite.ts";
import { openNodeWorld } from "./world-fixture.ts";

await optionalProvenanced("readers and value owners of scopes on a real node", (found) =>
  scopesSuite("a real node", () => openNodeWorld(found)),
);
