import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { CommandLine, root } from "./support/p8e.ts";
import { arrived, verifiedBy } from "./support/world-of.ts";

interface Executed {
  readonly scope: string;
  readonly session: string;
  readonly records: readonly { readonly record: string; readonly outcome: string; readonly hash: string }[];
}

describe("the commands for a scope that is there", { timeout: 300_000 }, () => {
  const p8e = new CommandLine();
  let greeted: Executed;

  const greet = (input: string, ...more: string[]) => [
    ...["contract", "execute", "example.hello.Greet", "--as", "lender", "--input", `person=${input}`],
    ...more,
  ];

  before(async () => {
    writeFileSync(p8e.path("ada.json"), '{"name":"Ada"}');
    await p8e.up();
    const hello = join(root, "examples/hello/src/contract.ts");
    await p8e.json(["contract", "publish", hello, "--as", "lender", "--for", "bank"]);
    greeted = await p8e.json<Executed>(greet("ada.json", "--new-scope", "example.hello", "--share", "bank"));
  });
  after(() => p8e[Symbol.asyncDispose]());

  it("execute on an existing scope replaces its record", async () => {
    writeFileSync(p8e.path("grace.json"), '{"name":"Grace"}');
    const second = await p8e.json<Executed>(greet("grace.json", "--scope", greeted.scope));
    assert.equal(second.scope, greeted.scope);
    assert.notEqual(second.records[0]!.hash, greeted.records[0]!.hash);
    const shown = await p8e.text(["scope", "show", greeted.scope]);
    assert.ok(shown.includes(second.records[0]!.hash));
    await p8e.json(["get", second.records[0]!.hash, "--as", "lender", "--out", "grace"]);
    assert.ok(readFileSync(p8e.path("grace"), "utf8").includes("Hello, Grace"));
    await verifiedBy(p8e, greeted.scope, "lender");
  });

  it("replay runs a session again from one's own store, also one whose records were replaced", async () => {
    interface Replayed {
      readonly ok: boolean;
      readonly sessions: readonly { readonly session: string; readonly source: string }[];
    }
    const said = await p8e.text(["replay", greeted.scope, "--as", "lender"]);
    assert.match(said, /✔ function greet: gives the same "greeting", for \d+ fuel/);
    const asked = ["replay", greeted.scope, "--session", greeted.session];
    const { ok, sessions } = await p8e.json<Replayed>([...asked, "--as", "lender"]);
    assert.equal(ok, true);
    assert.deepEqual(
      sessions.map(({ session, source }) => [session, source]),
      [[greeted.session, "memory"]],
    );
    assert.equal((await p8e.refused(10, [...asked, "--as", "bank"])).code, "ledger.not_found");
    const wrong = ["replay", greeted.scope, "--as", "bank", "--height", "0"];
    assert.equal((await p8e.refused(2, wrong)).code, "input.invalid");
  });

  it("unshare and share change who may read a scope; the price comes first, and nothing happens without a yes", async () => {
    interface Changed {
      readonly fee: string;
      readonly transaction?: string;
      readonly added?: readonly { readonly what: string }[];
      readonly unchanged?: readonly { readonly what: string }[];
    }
    const readers = async () =>
      (await p8e.json<{ dataAccess: readonly string[] }>(["scope", "show", greeted.scope])).dataAccess;
    const change = (name: string, ...more: string[]) => [
      name,
      greeted.scope,
      "--with",
      "bank",
      "--as",
      "lender",
      ...more,
    ];
    const before = await readers();
    assert.equal(before.length, 1);
    const planned = await p8e.json<Changed>(change("unshare", "--dry-run"));
    assert.ok(BigInt(planned.fee) > 0n);
    assert.match((await p8e.refused(2, change("unshare"))).hint ?? "", /--yes/);
    assert.deepEqual(await readers(), before);
    const said = await p8e.call(change("unshare", "--yes"));
    assert.match(said.stdout.toString(), /costs +\$[0-9.]+ of test money/);
    assert.match(said.stderr, /keeps what it has/);
    assert.deepEqual(await readers(), []);
    const again = await p8e.json<Changed>(change("unshare", "--yes"));
    assert.deepEqual([again.fee, again.transaction], ["0", undefined]);
    const readersSaid = await p8e.text(["verify", greeted.scope, "--readers", "--as", "lender"]);
    assert.match(readersSaid, /reader Lender: can open all \d+ objects of the scope/);
    assert.match(readersSaid, /reader Warehouse bank: can open \d+ of \d+ objects; the ledger gives it no access/);
    const shared = await p8e.json<Changed>(change("share", "--yes"));
    assert.notEqual(shared.transaction, undefined);
    assert.ok(shared.unchanged?.some(({ what }) => what === "code of example.hello.Greet"));
    assert.deepEqual(await readers(), before);
    await verifiedBy(p8e, greeted.scope, "bank");
  });

  it("share makes one object readable for a party; nothing takes that back", async () => {
    const { hash } = await p8e.json<{ hash: string }>(["put", "grace.json", "--store", "lender"]);
    const share = (name: string) => [name, hash, "--with", "bank", "--as", "lender"];
    assert.equal((await p8e.json<{ added: boolean }>(share("share"))).added, true);
    assert.equal((await p8e.json<{ added: boolean }>(share("share"))).added, false);
    await arrived(p8e, hash);
    await p8e.json(["get", hash, "--as", "bank", "--out", "shared.json"]);
    assert.equal(readFileSync(p8e.path("shared.json"), "utf8"), '{"name":"Grace"}');
    assert.equal((await p8e.refused(2, share("unshare"))).code, "input.invalid");
  });

  it("scope transfer moves the value of a scope by its holder's signature", async () => {
    const holder = async () => (await p8e.json<{ valueOwner: string }>(["scope", "show", greeted.scope])).valueOwner;
    const lender = await holder();
    const transfer = (to: string, as: string) => ["scope", "transfer", greeted.scope, "--to", to, "--as", as, "--yes"];
    await p8e.json(transfer("bank", "lender"));
    const bank = await holder();
    assert.notEqual(bank, lender);
    const refused = await p8e.refused(13, transfer(lender, "lender"));
    assert.deepEqual([refused.code, refused.facts.kind], ["ledger.transaction_refused", "MissingValueOwnerSignature"]);
    await p8e.json(transfer(lender, "bank"));
    assert.equal(await holder(), lender);
  });
});
