// A contract is changed while `p8e dev` looks on; and one that would break what is live is published by force.
import assert from "node:assert/strict";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { copyFileSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { eventually } from "@p8e/testkit";
import { CommandLine, root } from "./support/p8e.ts";

interface Round {
  readonly round?: number;
  readonly contract?: string;
  readonly messages?: number;
  readonly error?: { readonly code: string; readonly facts: { readonly said?: string } };
}

const hello = join(root, "examples/hello/src");

describe("a contract under work", { timeout: 300_000 }, () => {
  const p8e = new CommandLine();
  const contract = () => p8e.path("mine", "contract.ts");
  const source = readFileSync(join(hello, "contract.ts"), "utf8");

  before(async () => {
    mkdirSync(p8e.path("mine", "gen", "example", "hello", "v1"), { recursive: true });
    mkdirSync(p8e.path("mine", "test"));
    symlinkSync(join(root, "node_modules"), p8e.path("mine", "node_modules"), "junction");
    copyFileSync(join(hello, "gen/example/hello/v1/hello_pb.ts"), p8e.path("mine/gen/example/hello/v1/hello_pb.ts"));
    writeFileSync(p8e.path("mine", "package.json"), '{"type":"module"}');
    writeFileSync(contract(), source);
    writeFileSync(
      p8e.path("mine", "test", "contract.test.ts"),
      `import assert from "node:assert/strict";
import { it } from "node:test";
import { create } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { tryContract } from "@p8e/contract";
import contract from "../contract.ts";
import { PersonSchema } from "../gen/example/hello/v1/hello_pb.ts";

it("greets by name", () => {
  const written = tryContract(contract, {
    inputs: { person: create(PersonSchema, { name: "Ada" }) },
    startedAt: timestampFromMs(0),
  });
  assert.match((written.get("greeting") as unknown as { text: string }).text, /Ada/);
});
`,
    );
    await p8e.up();
  });
  after(() => p8e[Symbol.asyncDispose]());

  it("is built, tested and published at each save; what is wrong is told, and the next save is tried", async () => {
    const child: ChildProcess = p8e.start(["dev", "mine/contract.ts", "--as", "lender", "--json"]);
    const exited = once(child, "exit");
    let [stdout, stderr] = ["", ""];
    child.stdout!.on("data", (chunk: Buffer) => (stdout += chunk.toString()));
    child.stderr!.on("data", (chunk: Buffer) => (stderr += chunk.toString()));
    const rounds = () =>
      stderr
        .split("\n")
        .slice(0, -1)
        .map((line) => JSON.parse(line) as Round)
        .filter(({ round, error }) => round !== undefined || error !== undefined);
    const said = async (count: number): Promise<Round> => {
      const all = await eventually(
        `${count} rounds`,
        async () => rounds(),
        (found) => found.length >= count,
        {
          limitMs: 120_000,
        },
      );
      return all[count - 1]!;
    };

    const first = await said(1);
    assert.ok((first.messages ?? 0) > 0);
    writeFileSync(contract(), source.replace("return {", "return {{"));
    assert.equal((await said(2)).error?.code, "contract.build_failed");
    writeFileSync(contract(), source.replace(/`Hello, .*`/, '"Hello, everybody"'));
    const failed = await said(3);
    assert.equal(failed.error?.code, "process.failed");
    assert.match(failed.error?.facts.said ?? "", /greets by name/);
    // The test alone is saved, and does not ask for a name any more; then the contract.
    const test = p8e.path("mine", "test", "contract.test.ts");
    writeFileSync(test, readFileSync(test, "utf8").replace("/Ada/", "/Ada|everybody/"));
    assert.ok(((await said(4)).messages ?? 0) > 0);
    writeFileSync(contract(), source.replace("Hello, ", "Good morning, "));
    const second = await said(5);
    assert.notEqual(second.contract, first.contract);
    assert.ok((second.messages ?? 0) > 0);
    writeFileSync(contract(), source);
    const third = await said(6);
    assert.deepEqual([third.contract, third.messages], [first.contract, 0]);
    assert.match(stderr, /sessions find another version by this name, which was published later/);
    writeFileSync(contract(), source.replace(/`Hello, .*`/, "String(Date.now())"));
    assert.equal((await said(7)).error?.code, "contract.invalid");
    // A fixture is saved, which nothing of the contract's name follows; then the fixture alone again.
    mkdirSync(p8e.path("mine", "fixtures", "odd"), { recursive: true });
    const fixture = p8e.path("mine", "fixtures", "odd", "person.json");
    writeFileSync(fixture, '{"name":3}');
    writeFileSync(contract(), source);
    assert.equal((await said(8)).error?.code, "input.invalid");
    writeFileSync(fixture, '{"name":"Ada"}');
    assert.equal((await said(9)).contract, first.contract);

    child.kill("SIGINT");
    assert.deepEqual(await exited, [0, null]);
    assert.equal((JSON.parse(stdout) as { rounds: number }).rounds, 9);
  });

  it("is told of what is allowed when it is published, as when it is checked", async () => {
    writeFileSync(
      contract(),
      source.replace(/`Hello, .*`/, 'String((globalThis as any)[["Da", "te"].join("")].now())'),
    );
    const planned = await p8e.call([
      "contract",
      "publish",
      "mine/contract.ts",
      "--as",
      "lender",
      "--allow",
      "Date",
      "--plan",
    ]);
    assert.equal(planned.code, 0);
    assert.match(planned.stderr, /contract\.ts:\d+ reaches for Date, which no contract has/);
    writeFileSync(contract(), source);
  });

  it("is refused where it would break a live scope, by name, and published by force", async () => {
    const two = join(root, "apps/cli/test/fixtures/greet-for-two.ts");
    writeFileSync(p8e.path("ada.json"), '{"name":"Ada"}');
    const scope = ["--new-scope", "example.hello", "--input", "person=ada.json"];
    const greeted = await p8e.json<{ scope: string }>([
      ...["contract", "execute", "example.hello.Greet", "--as", "lender", ...scope],
    ]);
    const refused = await p8e.refused(1, ["contract", "publish", two, "--as", "lender"]);
    assert.deepEqual([refused.code, refused.facts.scopes], ["contract.breaking", [greeted.scope]]);
    const forced = await p8e.json<{ transactions: string[] }>([
      "contract",
      "publish",
      two,
      "--as",
      "lender",
      "--force",
    ]);
    assert.ok(forced.transactions.length > 0);
    const same = await p8e.text(["contract", "diff", two, "--as", "lender"]);
    assert.match(same, /is on the ledger as it is here/);

    // p8e dev says it, and goes on.
    writeFileSync(contract(), source.replace("Hello, ", "Hi, "));
    const child = p8e.start(["dev", "mine/contract.ts", "--as", "lender", "--no-test"]);
    const exited = once(child, "exit");
    let said = "";
    for (const stream of [child.stdout!, child.stderr!])
      stream.on("data", (chunk: Buffer) => (said += chunk.toString()));
    const isDone = () => /Waiting for the next save/.test(said);
    await eventually("a round", async () => isDone(), Boolean, { limitMs: 120_000 });
    assert.match(said, /, which breaks 1 of what is live/);
    assert.match(said, /it is published all the same/);
    assert.match(said, /published as contractspec1/);
    child.kill("SIGINT");
    assert.deepEqual(await exited, [0, null]);
  });
});
