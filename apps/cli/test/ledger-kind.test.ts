import assert from "node:assert/strict";
import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { CommandLine } from "./support/p8e.ts";

describe("which ledger an environment runs", () => {
  const p8e = new CommandLine();
  after(() => p8e[Symbol.asyncDispose]());

  it("is a real node only where its program is found; nothing is made otherwise", async () => {
    const env = { P8E_PROVENANCED: p8e.path("nothing") };
    const error = await p8e.refused(13, ["up", "--ledger", "provenanced"], env);
    assert.equal(error.code, "environment.unsupported");
    assert.match(error.hint!, /github\.com\/provenance-io\/provenance\/releases.*P8E_PROVENANCED/);
    assert.ok(!existsSync(p8e.data));
  });

  it("stays what it was: another is refused, and the folder left as it is", async () => {
    mkdirSync(p8e.data);
    const file = { format: 2, network: "local", ledgerUrl: "grpc://127.0.0.1:9090", parties: [] };
    for (const [kept, wanted] of [
      ["embedded", "provenanced"],
      ["provenanced", "embedded"],
    ] as const) {
      const text = JSON.stringify(kept === "embedded" ? file : { ...file, ledger: kept });
      writeFileSync(join(p8e.data, "environment.json"), text);
      const error = await p8e.refused(3, ["up", "--ledger", wanted]);
      assert.equal(error.code, "configuration.invalid");
      assert.deepEqual([error.facts.field, error.facts.ledger, error.facts.wanted], ["ledger", kept, wanted]);
      assert.deepEqual(readdirSync(p8e.data), ["environment.json"]);
    }
  });

  it("is one of two", async () => {
    const error = await p8e.refused(2, ["up", "--ledger", "moon"]);
    assert.equal(error.code, "input.invalid");
  });
});
