import assert from "node:assert/strict";
import { once } from "node:events";
import { after, before, describe, it } from "node:test";
import { CommandLine, killWhenSaid } from "./support/p8e.ts";

interface Told {
  readonly scope: string;
}

const story = ["story", "--once", "--document-mb", "2"];

describe("the story, told again", { timeout: 300_000 }, () => {
  const p8e = new CommandLine();
  after(() => p8e[Symbol.asyncDispose]());
  let first: Told;
  before(async () => {
    first = await p8e.json<Told>(story);
  });

  it("after kill -9 of it in the middle, publishes nothing twice, and tells a person who, what, where and why", async () => {
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
      "both say they have no such object",
      "npx p8e verify scope1",
    ]) {
      assert.ok(said.includes(sentence), `it does not say: ${sentence}`);
    }
    assert.ok(!said.includes("✖"));
    assert.ok(!said.includes("\u001b"), "colours, though nobody looks at a terminal");
    assert.ok(!said.includes(first.scope), "the same scope again");
  });

  it("plays in an environment that is up, which a second `up` must leave alone", async () => {
    const up = await p8e.up();
    const error = await p8e.refused(13, ["up"]);
    assert.equal(error.code, "environment.in_use");
    assert.equal(error.facts.process, up.pid);
    assert.ok(error.hint);
    const said = await p8e.text(story);
    assert.ok(said.includes(`is up already (process ${up.pid}); the story plays there`));
    assert.equal(up.exitCode, null);
    assert.equal((await p8e.json<{ scope: string }>(["scope", "show", first.scope])).scope, first.scope);
    const ended = once(up, "exit");
    up.kill("SIGINT");
    assert.deepEqual(await ended, [0, null]);
  });
});
