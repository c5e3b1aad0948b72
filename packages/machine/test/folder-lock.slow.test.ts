import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { Contest } from "./support/contest.ts";

/** Of each; those with a killed holder are twice as many. */
const ROUNDS = 200;

const root = mkdtempSync(join(tmpdir(), "p8e-lock-"));
after(() => rmSync(root, { recursive: true, force: true }));

describe("three processes that want one folder", () => {
  for (const [ending, rounds] of [
    ["kill", 2 * ROUNDS],
    ["give up", ROUNDS],
  ] as const) {
    it(`get it one at a time after its holder ${ending === "kill" ? "was killed" : "gave it up"}, in ${rounds} rounds`, async () => {
      await using contest = await Contest.open(join(root, ending), 3);
      for (let round = 0; round < rounds; round++) {
        const answers = await contest.round(ending);
        assert.deepEqual([...answers].sort(), ["environment.in_use", "environment.in_use", "held"], `round ${round}`);
      }
    });
  }

  it(`never get it together while a holder gives up, or removes the folder's content first, in ${ROUNDS} rounds`, async () => {
    await using contest = await Contest.open(join(root, "relay"), 3);
    for (let round = 0; round < ROUNDS; round++) {
      const answers = await contest.relay(round % 2 === 0 ? "give up" : "remove and give up");
      for (const answer of answers) assert.match(answer, /^(held|environment\.in_use)$/);
      assert.ok(answers.filter((answer) => answer === "held").length <= 1, `round ${round}: ${answers}`);
    }
  });
});
