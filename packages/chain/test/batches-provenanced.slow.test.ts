import { optionalProvenanced } from "@p8e/testkit";
import { batchesSuite } from "./batches-suite.ts";
import { provenancedWorld } from "./world.ts";

await optionalProvenanced("batches on a real node", (found) =>
  batchesSuite("a real node", () => provenancedWorld(found)),
);
