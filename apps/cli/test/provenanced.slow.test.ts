import assert from "node:assert/strict";
import { once } from "node:events";
import { after, describe, it } from "node:test";
import { optionalProvenanced } from "@p8e/testkit";
import { CommandLine } from "./support/p8e.ts";

interface Told {
  readonly scope: string;
  readonly transaction: string;
}

interface Up {
  readonly ledger: string;
  readonly ledgerUrl: string;
  readonly parties: readonly { readonly name: string; readonly storeUrl: string }[];
}

const story = ["story", "--once", "--document-mb", "2"];

await optionalProvenanced("the story on a real node", ({ program }) => {
  describe("the story on a real node", { timeout: 600_000 }, () => {
    const p8e = new CommandLine();
    after(() => p8e[Symbol.asyncDispose]());
    const env = { P8E_PROVENANCED: program };
    let first: Told;

    it("is told as on the embedded ledger, and its node ends with it", async () => {
      first = await p8e.json<Told>([...story, "--ledger", "provenanced"], { env });
      assert.match(first.scope, /^scope1[0-9a-z]{30,}$/);
      assert.match(first.transaction, /^[0-9A-F]{64}$/);
    });

    it("goes on with the same chain and stores, whose scope is verified, also by a profile that names the node", async () => {
      // Which ledger it is, the folder knows.
      const { child, said } = await p8e.serving<Up>(["up"], env);
      assert.equal(said.ledger, "provenanced");
      const { ok } = await p8e.json<{ ok: boolean }>(["verify", first.scope, "--as", "bank"]);
      assert.equal(ok, true);

      const bank = said.parties.find((party) => party.name === "bank")!;
      const own = new CommandLine({ data: false });
      try {
        const reference = ["--key", `mnemonic-file:${p8e.path("data", "keys", "bank")}`];
        const servers = ["--node", said.ledgerUrl, "--store", bank.storeUrl, "--store-elsewhere"];
        await own.json(["init", "bank", "--name", "bank", "--network", "local", ...servers, ...reference]);
        const at = { profile: own.path("bank") };
        assert.equal((await own.json<{ ok: boolean }>(["verify", first.scope], at)).ok, true);
      } finally {
        await own[Symbol.asyncDispose]();
      }

      const node = ["--node", said.ledgerUrl, "--network", "local"];
      const { checks } = await p8e.json<{ checks: { what: string; says: string }[] }>(["doctor", ...node]);
      assert.deepEqual(
        checks.map(({ what }) => what),
        ["Node.js", "elliptic curves", "node", "results", "clock", "prices", "account"],
      );
      assert.match(checks[2]!.says, /serves chain-local, version v?1\.\d+\.\d+, with flat fees/);
      assert.equal(checks[5]!.says, "1 hash is $0.025; messages cost what v1.26's list says");
      assert.match(
        checks[6]!.says,
        /can sign, and has [\d,.]+ test coins: enough for [\d,]+ of the cheapest transactions/,
      );

      const second = await p8e.text([...story, "--ledger", "provenanced"]);
      assert.ok(second.includes("published in an earlier telling"));
      const other = await p8e.refused(3, [...story, "--ledger", "embedded"]);
      assert.deepEqual([other.code, other.facts.field], ["configuration.invalid", "ledger"]);
      const ended = once(child, "exit");
      child.kill("SIGINT");
      assert.deepEqual(await ended, [0, null]);
    });
  });
});
