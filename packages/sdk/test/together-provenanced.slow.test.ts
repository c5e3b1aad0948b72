import { optionalProvenanced } from "@p8e/testkit";
import { togetherSuite } from "./together-suite.ts";
import { openNodeWorld } from "./world-fixture.ts";

await optionalProvenanced("sessions that are written together on a real node", (found) =>
  togetherSuite("a real node", () => openNodeWorld(found)),
);
