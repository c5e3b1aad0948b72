import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { it } from "node:test";
import { Contest } from "./support/contest.ts";

const ROUNDS = 400;
const CONTENDERS = 3;

it(`${CONTENDERS} processes get a killed holder's folder one at a time, in ${ROUNDS} rounds`, async () => {
  const folder = mkdtempSync(join(tmpdir(), "p8e-lock-"));
  try {
    await using contest = await Contest.open(folder, CONTENDERS);
    for (let round = 0; round < ROUNDS; round++) {
      const answers = await contest.round("kill");
      assert.equal(answers.filter((answer) => answer === "held").length, 1, `round ${round}: ${answers}`);
      assert.equal(answers.filter((answer) => answer === "environment.in_use").length, CONTENDERS - 1);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
