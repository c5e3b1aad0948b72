import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe } from "node:test";
import { networks } from "@p8e/core";
import { type MessagePrice, makeValidatorHome } from "@p8e/provenanced";
import { optionalProvenanced } from "@p8e/testkit";
import { killStory, moments } from "./support/kill-story.ts";

// More moments, and on the embedded ledger: story-crash.soak.test.ts.

const { chainId } = networks.local;

await optionalProvenanced("kill -9 of the story and of its node", ({ program, priceList }) => {
  const prices = JSON.parse(readFileSync(priceList, "utf8")) as MessagePrice[];
  // Where something is on its way to the ledger: of one party, and of two.
  for (const { indexed, victim, at } of [
    { indexed: true, victim: "story", at: /lender runs/ },
    { indexed: false, victim: "ledger", at: /validator/ },
  ]) {
    describe(`kill -9 on a real node ${indexed ? "with" : "without"} an index`, { timeout: 900_000 }, () => {
      killStory({
        ledger: "provenanced",
        env: { P8E_PROVENANCED: program },
        moments: moments.filter((moment) => at.test(moment)),
        victims: [victim],
        // An environment goes on with the home that it finds.
        prepare: (data) =>
          makeValidatorHome(program, join(data, "provenanced"), { chainId, blockTimeMs: 250, indexed, prices }),
      });
    });
  }
});
