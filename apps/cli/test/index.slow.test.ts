import assert from "node:assert/strict";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { eventually } from "@p8e/testkit";
import { CommandLine, root } from "./support/p8e.ts";

const loan = join(root, "examples/loan");
const configuration = join(loan, "index.json");

describe("an index of records", () => {
  const p8e = new CommandLine();
  const principal = "asset.kv.loan.terms.principalAmount.value";
  const email = "asset.kv.loan.borrowers.primary.email=borrower-1@synthetic.invalid";

  interface Counts {
    readonly height: string;
    readonly scopes: number;
    readonly records: number;
    readonly problems: number;
  }
  interface Listed {
    readonly scopes: readonly { readonly scope: string; readonly records: readonly { readonly content?: object }[] }[];
  }
  const index = (as: string, ...more: string[]) =>
    p8e.json<Counts>(["index", "--as", as, "--config", configuration, "--once", ...more]);
  const list = (as: string, ...conditions: string[]) =>
    p8e.json<Listed>(["scope", "list", "--as", as, ...conditions.flatMap((each) => ["--where", each])]);
  async function onboard(rows: readonly (readonly [string, string])[], ...more: string[]): Promise<void> {
    const tape = p8e.path("tape.csv");
    writeFileSync(tape, [`loan,${principal}`, ...rows.map((row) => row.join(","))].join("\n"));
    await p8e.json([
      ...["onboard", tape, "--as", "lender", "--contract", "example.loan.RecordLoan", "--new-scope", "example.loan"],
      ...["--row", "loan", "--input", `asset=${join(loan, "tape/asset.json")}`, "--yes", ...more],
    ]);
  }

  before(async () => {
    await p8e.up();
    const contract = join(loan, "src/contracts/record-loan.ts");
    await p8e.json(["contract", "publish", contract, "--as", "lender", "--for", "bank"]);
    await onboard([
      ["A", "250000.00"],
      ["B", "180000.00"],
    ]);
  });
  after(() => p8e[Symbol.asyncDispose]());

  it("is asked for before it can be listed", async () => {
    const { message, hint } = await p8e.refused(2, ["scope", "list", "--as", "lender"]);
    assert.deepEqual([message, hint], ["Lender has no index of its scopes yet", "p8e index makes it."]);
  });

  it("finds scopes by what their records say, and has no personal data unless it was asked for", async () => {
    const { scopes, records, problems } = await index("lender");
    assert.deepEqual([scopes, records, problems], [2, 2, 0]);
    const found = await list("lender", `${principal}=180000.00`, "asset.kv.loan.terms.termInMonths=360");
    assert.equal(found.scopes.length, 1);
    assert.ok(!JSON.stringify(await list("lender")).includes("borrower-1@synthetic"));
    const file = join(p8e.data, "state", "lender.index.sqlite");
    const isThere = () =>
      [file, `${file}-wal`].some((each) => existsSync(each) && readFileSync(each).includes("borrower-1@synthetic"));
    assert.ok(!isThere());
    assert.deepEqual((await list("lender", email)).scopes, []);
    await index("lender", "--with-personal-data");
    assert.equal((await list("lender", email)).scopes.length, 2);
    assert.ok(isThere());
    await index("lender");
    assert.deepEqual((await list("lender", email)).scopes, [], "what was asked for once is gone again");
    assert.ok(!isThere());
  });

  it("goes on at the block that it had reached, and a reader has one of what it may read", async () => {
    const before = await index("lender");
    await onboard([["C", "90000.00"]], "--share", "bank");
    const after = await index("lender");
    assert.deepEqual([after.scopes, after.records], [3, 3]);
    assert.ok(BigInt(after.height) > BigInt(before.height));
    const bank = await eventually(
      "the bank's store has it",
      () => index("bank"),
      ({ problems }) => problems === 0,
      {
        limitMs: 60_000,
      },
    );
    assert.deepEqual([bank.scopes, bank.records], [1, 1]);
    assert.equal((await list("bank", `${principal}=90000.00`)).scopes.length, 1);
    const scope = (await list("bank")).scopes[0]?.scope ?? "";
    await p8e.json(["unshare", scope, "--with", "bank", "--as", "lender", "--yes"]);
    await index("bank");
    assert.deepEqual((await list("bank")).scopes, [], "what it may not read any more is out of it");
  });
});
