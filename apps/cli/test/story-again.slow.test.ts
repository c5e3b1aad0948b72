import assert from "node:assert/strict";
import { once } from "node:events";
import { after, before, describe, it } from "node:test";
import { CommandLine, killWhenSaid } from "./support/p8e.ts";

interface Told {
  readonly scope: string;
  readonly session: string;
  readonly transaction: string;
  readonly documents: readonly { readonly fileName: string; readonly sizeBytes: number; readonly hash: string }[];
  readonly agreed: readonly string[];
  readonly refused: string;
}

interface Up {
  readonly parties: readonly { readonly name: string; readonly address: string }[];
}

const story = ["story", "--once", "--document-mb", "2"];

describe("the story", { timeout: 600_000 }, () => {
  const p8e = new CommandLine();
  after(() => p8e[Symbol.asyncDispose]());
  let first: Told;
  before(async () => {
    first = await p8e.json<Told>(story);
  });

  it("is told from an empty folder, and ends with a scope, three documents, three sessions that two signed and one that was refused", () => {
    assert.match(first.scope, /^scope1[0-9a-z]{30,}$/);
    assert.match(first.session, /^session1[0-9a-z]{50,}$/);
    assert.match(first.transaction, /^[0-9A-F]{64}$/);
    assert.deepEqual(
      first.documents.map(({ sizeBytes }) => sizeBytes),
      [2_000_000, 60_000, 40_000],
    );
    const sessions = [...first.agreed, first.refused];
    assert.equal(new Set(sessions).size, 4);
    for (const session of sessions) assert.match(session, /^[0-9a-f-]{36}$/);
    for (const { hash } of first.documents) assert.match(hash, /^[A-Za-z0-9+/]{43}=$/);
  });

  it("told again after kill -9 of it in the middle, publishes nothing twice, and tells a person who, what, where and why", async () => {
    await killWhenSaid(p8e.start(story), "4  The lender runs the contract", (child) => child.kill("SIGKILL"));
    const said = await p8e.text(story);
    for (const sentence of [
      "Lender",
      "Warehouse bank",
      "published in an earlier telling",
      "refused by the rule positive-principal, at the field asset.kv.loan.terms.principalAmount.value",
      "synthetic-loan-file.txt: 2.0 MB encrypted and stored durably",
      "6 functions ran in the sandbox",
      "9 objects are in the bank's own store",
      "✔ 6 records (",
      "✔ evidence of session example.loan.RecordLoan",
      "250000.00 USD",
      "the lender runs the same contract on its own machine: the same result, byte for byte",
      "Signing allows: Validator may write 2 MsgWriteSessionRequest messages on any scope of yours until 20",
      "✔ the validator's results are on the ledger",
      "✔ the corrected note is on the ledger",
      "and signs by its rule",
      "Servicer         rejected         the note is our security until the loan is repaid",
      "✔ 4 contracts (",
      "signed by Lender as OWNER, Warehouse bank as CONTROLLER, who agreed to this session",
      "the warehouse bank ran 7 functions of it again",
      "all say they have no such object",
      "npx p8e verify scope1",
    ]) {
      assert.ok(said.includes(sentence), `it does not say: ${sentence}`);
    }
    assert.ok(!said.includes("✖"));
    assert.ok(!said.includes("\u001b"), "colours, though nobody looks at a terminal");
    assert.ok(!said.includes(first.scope), "the same scope again");
  });

  it("plays in an environment that is up, which a second `up` must leave alone", async () => {
    const { child: up, said: environment } = await p8e.serving<Up>(["up"]);
    const error = await p8e.refused(13, ["up"]);
    assert.equal(error.code, "environment.in_use");
    assert.equal(error.facts.process, up.pid);
    assert.ok(error.hint);
    const said = await p8e.text(story);
    assert.ok(said.includes(`is up already (process ${up.pid}); the story plays there`));
    assert.equal(up.exitCode, null);
    const shown = await p8e.json<{ scope: string; valueOwner: string }>(["scope", "show", first.scope]);
    assert.equal(shown.scope, first.scope);
    assert.equal(shown.valueOwner, environment.parties.find(({ name }) => name === "investor")!.address);
    await p8e.json(["replay", first.scope, "--as", "bank"]);
    for (const as of ["lender", "servicer", "bank"]) {
      const args = ["session", "show", first.refused, "--as", as];
      const { state, reason } = await p8e.json<{ state: string; reason: string }>(args);
      assert.deepEqual([state, reason], ["rejected", "the note is our security until the loan is repaid"]);
    }
    const ended = once(up, "exit");
    up.kill("SIGINT");
    assert.deepEqual(await ended, [0, null]);
  });
});
