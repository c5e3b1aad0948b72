import { describe } from "node:test";
import { optionalProvenanced } from "@p8e/testkit";
import { interruptStory, killStory, moments } from "./support/kill-story.ts";

describe("kill -9 in the middle of the story", { timeout: 900_000 }, () => {
  const telling = { ledger: "embedded", env: {} } as const;
  killStory({ ...telling, moments, victims: ["story", "lender-store", "bank-store", "ledger", "database"] });
  interruptStory(telling);
});

await optionalProvenanced("kill -9 in the middle of the story on a real node", ({ program }) => {
  describe("kill -9 in the middle of the story on a real node", { timeout: 900_000 }, () => {
    const telling = { ledger: "provenanced", env: { P8E_PROVENANCED: program } } as const;
    killStory({ ...telling, moments, victims: ["story", "ledger"] });
    interruptStory(telling);
  });
});
