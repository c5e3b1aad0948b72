import { optionalProvenanced } from "@p8e/testkit";
import { authoritySuite } from "./authority-suite.ts";
import { provenancedWorld } from "./world.ts";

await optionalProvenanced("who must sign on a real node", (found) =>
  authoritySuite("a real node", () => provenancedWorld(found)),
);
