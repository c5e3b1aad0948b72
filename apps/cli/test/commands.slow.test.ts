import assert from "node:assert/strict";
import { once } from "node:events";
import { globSync, mkdirSync, readFileSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { after, before, describe, it } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { toBinary } from "@bufbuild/protobuf";
import { inputSchemas, loadSamplePackage } from "@p8e/example-loan";
import { readStoreFile } from "@p8e/party";
import { eventually } from "@p8e/testkit";
import { CommandLine, type JsonError, root } from "./support/p8e.ts";
import { worldOf } from "./support/world-of.ts";

const hello = join(root, "examples/hello/src/contract.ts");
const loan = join(root, "examples/loan/src/contracts/record-loan.ts");

interface Executed {
  readonly scope: string;
  readonly records: readonly { readonly outcome: string }[];
}

describe("the commands for contracts, where they take longer", { timeout: 300_000 }, () => {
  const p8e = new CommandLine();
  const greet = (input: string, ...more: string[]) => [
    ...["contract", "execute", "example.hello.Greet", "--as", "lender", "--input", `person=${input}`],
    ...more,
  ];

  before(async () => {
    writeFileSync(p8e.path("ada.json"), '{"name":"Ada"}');
    writeFileSync(p8e.path("grace.json"), '{"name":"Grace"}');
    await p8e.up();
    await p8e.json(["contract", "publish", hello, "--as", "lender"]);
  });
  after(() => p8e[Symbol.asyncDispose]());

  it("build makes the same bytes twice, wherever it is started", async () => {
    mkdirSync(p8e.path("elsewhere"));
    type Built = { readonly bundle: string; readonly types: string; readonly manifestPath: string };
    const [one, two] = await Promise.all([
      p8e.json<Built>(["contract", "build", hello, "--out", p8e.path("one")]),
      p8e.json<Built>(["contract", "build", hello, "--out", p8e.path("two")], { cwd: p8e.path("elsewhere") }),
    ]);
    for (const file of ["bundle", "types", "manifestPath"] as const) {
      assert.deepEqual(readFileSync(one[file]), readFileSync(two[file]), file);
    }
  });

  it("Ctrl-C in put says that the object is not stored, and it is not", async () => {
    writeFileSync(p8e.path("big.bin"), "");
    truncateSync(p8e.path("big.bin"), 300_000_000);
    const { storagePath } = (await readStoreFile(join(p8e.data, "stores/lender")))!;
    const child = p8e.start(["put", "big.bin", "--store", "lender", "--for", "bank", "--json"]);
    let stderr = "";
    child.stderr!.on("data", (chunk: Buffer) => {
      stderr += chunk.toString();
    });
    const closed = once(child, "close");
    await eventually(
      "an upload under way",
      async () => globSync("*/*", { cwd: join(storagePath, ".incoming") }).length,
      (count) => count > 0,
      { limitMs: 120_000 },
    );
    child.kill("SIGINT");
    const [code] = (await closed) as [number];
    const { error } = JSON.parse(stderr.trim().split("\n").at(-1)!) as { error: JsonError };
    assert.equal(error.code, "rpc.cancelled", stderr);
    assert.notEqual(code, 0);
    assert.match(error.message, /before it was done: it is not stored for them at grpc:.*putting it again is safe$/);
    const hash = error.facts["hash"] as string;
    assert.equal((await p8e.refused(10, ["inspect", hash, "--store", "lender"])).code, "object.not_found");
  });

  it("execute may run several times at once", async () => {
    const once = () => p8e.json<Executed>(greet("ada.json", "--new-scope", "example.hello"));
    const done = await Promise.all([once(), once(), once()]);
    assert.equal(new Set(done.map(({ scope }) => scope)).size, 3);
  });

  it("a session that was cut off on its way to the ledger is completed by the next execute, once", async () => {
    const state = new DatabaseSync(join(p8e.data, "state", "lender.sqlite"), { readOnly: true });
    const sent = state.prepare("SELECT uuid FROM execution WHERE state IN ('signed', 'broadcasting')");
    const end = state.prepare("SELECT state FROM execution WHERE uuid = ?");
    const child = p8e.start(greet("ada.json", "--new-scope", "example.hello"));
    const exited = once(child, "exit");
    let cut: unknown;
    while (cut === undefined && child.exitCode === null) {
      await delay(1);
      cut = sent.get()?.uuid;
    }
    child.kill("SIGKILL");
    assert.deepEqual(await exited, [null, "SIGKILL"], "it was over before it could be cut off");
    const said = await p8e.text(greet("grace.json", "--new-scope", "example.hello"));
    const scope = /✔ completed what was interrupted: (scope1[0-9a-z]+)/.exec(said)?.[1];
    assert.ok(scope !== undefined, said);
    assert.equal(end.get(String(cut))?.state, "committed");
    const { records } = await p8e.json<{ records: unknown[] }>(["scope", "show", scope]);
    assert.equal(records.length, 1);
    assert.ok(!(await p8e.text(greet("grace.json", "--scope", scope))).includes("interrupted"));
    state.close();
  });

  it("contract diff names what a change would break, and publish refuses it", async () => {
    const { scope } = await p8e.json<Executed>(greet("ada.json", "--new-scope", "example.hello"));
    assert.match(await p8e.text(["contract", "diff", hello, "--as", "lender"]), /is on the ledger as it is here/);
    const two = join(root, "apps/cli/test/fixtures/greet-for-two.ts");
    const { code, stdout } = await p8e.call(["contract", "diff", two, "--as", "lender", "--json"]);
    const { breaks, changes } = JSON.parse(stdout.toString()) as {
      breaks: boolean;
      changes: { what: string; says: string; scopes: string[] }[];
    };
    assert.deepEqual([code, breaks], [1, true]);
    const [change, ...more] = changes;
    assert.deepEqual([change?.says, more], ["must be signed by the SERVICER too", []]);
    assert.ok(change?.scopes.includes(scope));
    const before = await worldOf(p8e);
    const refused = await p8e.refused(1, ["contract", "publish", two, "--as", "lender"]);
    assert.equal(refused.code, "contract.breaking");
    const reader = join(root, "apps/cli/test/fixtures/read-greeting.ts");
    const linked = await p8e.refused(1, ["contract", "publish", reader, "--as", "lender"]);
    assert.deepEqual([linked.code, linked.facts.contracts], ["contract.breaking", ["example.hello.Greet"]]);
    assert.deepEqual(await worldOf(p8e), before);
  });

  it("contract cost tells the price of publishing and of an execution, whatever is there", async () => {
    const cost = await p8e.json<{
      publishing: { fee: string; messages: number };
      execution: { newScope: string; existingScope: string; perRecord: string; records: number };
    }>(["contract", "cost", hello, "--as", "bank"]);
    assert.deepEqual([cost.publishing.messages, cost.execution.records], [4, 1]);
    assert.ok(BigInt(cost.publishing.fee) > 0n);
    assert.ok(BigInt(cost.execution.newScope) > BigInt(cost.execution.existingScope));
    const dry = await p8e.json<{ fee: string }>(greet("ada.json", "--new-scope", "example.hello", "--dry-run"));
    assert.equal(cost.execution.newScope, dry.fee);
  });

  it("the loan contract takes its inputs as bytes, whose types it need not know, and refuses a broken loan", async () => {
    await p8e.json(["contract", "publish", loan, "--as", "lender"]);
    const execute = async (name: "sound" | "negative-principal") => {
      const parts = await loadSamplePackage(name);
      const inputs = Object.entries(inputSchemas).flatMap(([input, schema]) => {
        const file = `${name}-${input}.binpb`;
        writeFileSync(p8e.path(file), toBinary(schema, parts[input as keyof typeof inputSchemas]));
        return ["--input", `${input}=${file}`];
      });
      const scope = ["--new-scope", "example.loan"];
      return ["contract", "execute", "example.loan.RecordLoan", "--as", "lender", ...scope, ...inputs];
    };
    const recorded = await p8e.json<Executed>(await execute("sound"));
    assert.equal(recorded.records.filter(({ outcome }) => outcome === "PASS").length, 6);
    const before = await worldOf(p8e);
    const error = await p8e.refused(16, await execute("negative-principal"));
    assert.equal(error.facts.rule, "positive-principal");
    assert.equal(error.facts.field, "asset.kv.loan.terms.principalAmount.value");
    assert.deepEqual(await worldOf(p8e), before);
  });
});
