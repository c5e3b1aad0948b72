import { optionalProvenanced } from "@p8e/testkit";
import { grantsSuite } from "./grants-suite.ts";
import { provenancedWorld } from "./world.ts";

await optionalProvenanced("grants on a real node", (found) =>
  grantsSuite("a real node", () => provenancedWorld(found)),
);
