// A backup of a party's store, tried against the ledger.
import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { after, describe, it } from "node:test";
import { eventually } from "@p8e/testkit";
import { CommandLine, root } from "./support/p8e.ts";
import { openTables } from "./support/store-tables.ts";

interface Drill {
  readonly objects: number;
  readonly opened?: number;
  readonly ledger: { readonly scopes: number; readonly objects: number };
  readonly gaps: readonly { readonly kind: string; readonly hash: string; readonly scope?: string }[];
}

describe("a drill beside the ledger", { timeout: 300_000 }, () => {
  const p8e = new CommandLine();
  after(() => p8e[Symbol.asyncDispose]());

  it("names what a scope needs and no store has; before it was lost, nothing", async () => {
    writeFileSync(p8e.path("ada.json"), '{"name":"Ada"}');
    await p8e.up();
    await p8e.json(["contract", "publish", join(root, "examples/hello/src/contract.ts"), "--as", "lender"]);
    const execute = ["contract", "execute", "example.hello.Greet", "--as", "lender", "--new-scope", "example.hello"];
    const { scope, records } = await p8e.json<{ scope: string; records: { hash: string }[] }>([
      ...execute,
      ...["--input", "person=ada.json"],
    ]);
    const hash = records[0]!.hash;
    const drill = async (folder: string) => {
      const { code, stdout, stderr } = await p8e.call(["drill", folder, "--as", "lender", "--json"]);
      return { code, stderr, ...(JSON.parse(stdout.toString()) as Drill) };
    };
    await p8e.json(["backup", "--to", p8e.path("before"), "--store", "lender"]);
    const before = await drill(p8e.path("before"));
    assert.deepEqual([before.code, before.gaps, before.ledger], [0, [], { scopes: 1, objects: 3 }], before.stderr);
    assert.equal(before.opened, before.objects);

    await using tables = await openTables(p8e.data, "lender");
    const found = await tables.rows<{ uuid: string }>(`SELECT uuid FROM object WHERE hash = '${hash}'`);
    const { uuid } = found[0]!;
    for (const [table, column] of [
      ["object_public_key", "object_uuid"],
      ["p8e_object_integrity", "object_uuid"],
      ["object", "uuid"],
    ]) {
      await tables.rows(`DELETE FROM ${table} WHERE ${column} = '${uuid}'`);
    }
    await p8e.json(["backup", "--to", p8e.path("after"), "--store", "lender"]);
    const later = await drill(p8e.path("after"));
    assert.deepEqual([later.code, later.gaps.length], [20, 1], later.stderr);
    const [gap] = later.gaps;
    assert.deepEqual([gap?.kind, gap?.hash, gap?.scope], ["not_held", hash, scope]);

    // A second scope, which the bank may read, and whose objects its store is sent.
    await p8e.json([...execute, "--input", "person=ada.json", "--share", "bank"]);
    const unsent = "SELECT FROM object_replication WHERE replicated_at IS NULL";
    await eventually(
      "all is sent",
      () => tables.rows(unsent),
      (rows) => rows.length === 0,
    );
    await p8e.json(["backup", "--to", p8e.path("bank"), "--store", "bank"]);
    const reader = await p8e.json<Drill>(["drill", p8e.path("bank"), "--as", "bank", "--json"]);
    assert.deepEqual([reader.ledger.scopes, reader.gaps], [1, []]);

    // What the bank's store alone has besides is no gap; but a restore does lack it.
    const owner = await p8e.call(["drill", p8e.path("before"), "--as", "lender"]);
    const screen = owner.stdout.toString();
    assert.equal(owner.code, 0, owner.stderr);
    assert.match(screen, /Not in the backup, but in a partner's store/);
    assert.doesNotMatch(screen, /lacks nothing/);
  });

  it("a restore that is refused leaves open where the objects are to lie", async () => {
    const store = ["--node", "grpc://127.0.0.1:1", "--store", "grpc://127.0.0.1:1"];
    await p8e.json(["init", "again", "--name", "again", "--plain", ...store]);
    const profile = p8e.path("again/p8e.json");
    const elsewhere = p8e.path("elsewhere");
    mkdirSync(elsewhere);
    writeFileSync(join(elsewhere, "something"), "");
    const refused = await p8e.refused(13, ["restore", p8e.path("before"), "--to", elsewhere], {}, { profile });
    assert.equal(refused.code, "backup.not_empty");
    const { storage } = await p8e.json<{ storage: string }>(["restore", p8e.path("before")], { profile });
    assert.equal(dirname(storage), p8e.path("again/.p8e/store"));
  });
});
