import { optionalOriginalStore } from "@p8e/testkit";
import { OriginalHarness } from "./support/original-harness.ts";
import { watchedMailSuite } from "./support/watched-mail-suite.ts";

await optionalOriginalStore("mail that is watched for at the original", (found) => {
  watchedMailSuite("the original", new OriginalHarness(found), "time");
});
