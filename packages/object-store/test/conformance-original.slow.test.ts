import { objectStoreConformance, optionalOriginalStore } from "@p8e/testkit";
import { OriginalHarness } from "./support/original-harness.ts";

await optionalOriginalStore("the suite of object stores on the original", (found) => {
  objectStoreConformance("the original", new OriginalHarness(found));
});
