// docs/guides/onboard.md, command by command.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { it } from "node:test";
import { parseCsv } from "@p8e/sdk";
import { GuideWalk, guideSteps } from "./support/guide.ts";

it("the guide of a tape leads where it says", { timeout: 300_000 }, async () => {
  await using walk = new GuideWalk(new Map([["here", { before: [], text: (commands) => commands }]]));
  const printed: string[] = [];
  for (const step of guideSteps("onboard.md")) printed.push(await (step.serves ? walk.serve(step) : walk.run(step)));
  const [, , dry, first, , verified, found] = printed;
  assert.match(dry ?? "", /rows were refused: exit code 16/);
  assert.match(first ?? "", /rows were refused: exit code 16/);
  assert.match(verified ?? "", /record "asset": its \d+ bytes have the hash on the ledger/);
  const report = (name: string) => {
    const { header, rows } = parseCsv(readFileSync(walk.path("here", name), "utf8"), {
      ...{ rowsMax: 10, columnsMax: 20, cellMax: 1000 },
    });
    return rows.map((cells) => Object.fromEntries(cells.map((cell, index) => [header[index], cell])));
  };
  const before = report("loans.report.csv");
  assert.deepEqual(
    before.map(({ name, outcome, code, rule, field }) => [name, outcome, code, rule, field]),
    [
      ["SYN-1001", "written", "", "", ""],
      ["SYN-1002", "written", "", "", ""],
      ["SYN-1003", "refused", "contract.failed", "positive-principal", "asset.kv.loan.terms.principalAmount.value"],
      ["SYN-1004", "written", "", "", ""],
      ["SYN-1005", "refused", "input.invalid", "", "kv[loan].terms.termInMonths"],
    ],
  );
  const written = before.filter(({ outcome }) => outcome === "written");
  assert.equal(new Set(written.map(({ transaction }) => transaction)).size, 1, "in one transaction");
  const after = report("mended.report.csv");
  assert.deepEqual(
    after.map(({ outcome }) => outcome),
    ["already", "already", "written", "already", "written"],
  );
  assert.deepEqual(
    after.filter(({ outcome }) => outcome === "already").map(({ scope, transaction }) => [scope, transaction]),
    written.map(({ scope, transaction }) => [scope, transaction]),
  );
  const place = /scope1\w+/;
  assert.equal(
    place.exec((found ?? "").split(/records of \d+ scopes/)[1] ?? "")?.[0],
    after.find(({ name }) => name === "SYN-1003")?.["scope"],
  );
  assert.match(found ?? "", /One scope, as of block/);
});
