import assert from "node:assert/strict";
import { it } from "node:test";
import type { Finding } from "@p8e/sdk";
import { summarizeFindings } from "../src/screens/show-findings.ts";
import { Screen } from "../src/terminal/screen.ts";

function summary(findings: readonly Finding[]): string {
  let shown = "";
  const output = { write: (text: string) => (shown += text) };
  summarizeFindings(new Screen({ stdout: output, stderr: output, json: false, color: false, nowMs: () => 0 }), {
    findings,
  });
  return shown;
}

const holds = (what: string): Finding => ({ what, outcome: "holds", says: "is as it should be" });

it("what holds and is many is told in a line each kind; everything else in full", () => {
  const findings: Finding[] = [
    holds("contract example.loan.RecordLoan"),
    holds('record "asset"'),
    holds('input "asset" of record "asset"'),
    holds('record "eNote"'),
    { what: 'record "loan"', outcome: "broken", says: "other bytes", code: "verify.failed" },
    holds("evidence of session x"),
  ];
  assert.equal(
    summary(findings),
    `✔ contract example.loan.RecordLoan: is as it should be
✔ 2 records (asset, eNote): the content of each has the hash on the ledger and is of the type named there
✔ 1 input (asset): its content has the hash on the ledger and is of the type named there
✖ record "loan": broken: other bytes (verify.failed)
✔ evidence of session x: is as it should be
`,
  );
});

it("several contracts that hold are told in one line", () => {
  assert.equal(
    summary([holds("contract example.loan.RecordLoan"), holds("contract example.loan.UpdateENote")]),
    "✔ 2 contracts (example.loan.RecordLoan, example.loan.UpdateENote): the code of each has the hash its specification names, and describes itself as the ledger does\n",
  );
});
