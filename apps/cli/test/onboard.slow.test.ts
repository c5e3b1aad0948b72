import assert from "node:assert/strict";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { after, before, describe, it } from "node:test";
import { eventually } from "@p8e/testkit";
import { CommandLine, root } from "./support/p8e.ts";

const contract = join(root, "examples/hello/src/contract.ts");

describe("onboarding a tape", () => {
  const p8e = new CommandLine();
  before(async () => {
    await p8e.up();
    await p8e.json(["contract", "publish", contract, "--as", "lender"]);
  });
  after(() => p8e[Symbol.asyncDispose]());

  const args = (tape: string) => [
    ...["onboard", tape, "--as", "lender", "--contract", "example.hello.Greet", "--new-scope", "example.hello"],
    ...["--row", "id", "--yes"],
  ];
  interface Row {
    readonly name: string;
    readonly outcome: string;
    readonly scope?: string;
    readonly message?: string;
    readonly field?: string;
  }
  const report = (tape: string) =>
    (JSON.parse(readFileSync(tape.replace(".json", ".report.json"), "utf8")) as { rows: readonly Row[] }).rows;
  /** What the lender's state has of rows: how many scopes, and how many of them are on the ledger. */
  function committed(): number {
    const state = new DatabaseSync(join(p8e.data, "state", "lender.sqlite"), { readOnly: true });
    try {
      return Number(state.prepare("SELECT count(*) AS n FROM execution WHERE state = 'committed'").get()?.n);
    } finally {
      state.close();
    }
  }
  const tapeOf = (name: string, rows: readonly unknown[]) => {
    const tape = p8e.path(name);
    writeFileSync(tape, JSON.stringify(rows));
    return tape;
  };

  it("that is killed in the middle goes on at the next call, and no row is there twice", {
    timeout: 300_000,
  }, async () => {
    const rows = Array.from({ length: 80 }, (_, index) => ({ id: index + 1, "person.name": `Nobody ${index + 1}` }));
    const tape = tapeOf("long.json", rows);
    const child = p8e.start(args(tape));
    const exited = new Promise((resolve) => child.once("exit", resolve));
    await eventually(
      "a first transaction",
      async () => committed(),
      (count) => count > 0,
      { limitMs: 120_000 },
    );
    child.kill("SIGKILL");
    await exited;
    const there = committed();
    assert.ok(there < rows.length, "it was killed in the middle");
    const counts = await p8e.json<Record<string, number>>(args(tape));
    assert.equal((counts["written"] ?? 0) + (counts["already"] ?? 0), rows.length);
    assert.ok((counts["already"] ?? 0) >= there);
    assert.equal(committed(), rows.length);
    const scopes = report(tape).map(({ scope }) => scope);
    assert.equal(new Set(scopes).size, rows.length);
    const again = await p8e.json<Record<string, number>>(args(tape));
    assert.deepEqual([again["already"], again["written"]], [rows.length, 0]);
    assert.deepEqual(
      report(tape).map(({ scope }) => scope),
      scopes,
    );
    const shown = await p8e.json<{ sessions: readonly unknown[] }>(["scope", "show", scopes[70]!]);
    assert.equal(shown.sessions.length, 1);
  });

  it("tells of a row that says something else now, of a name twice, of a row without one, and goes on", async () => {
    const tape = tapeOf("odd.json", [
      { id: 1, "person.name": "Somebody else" },
      { id: "new", "person.name": "Ada" },
      { id: "new", "person.name": "Ada" },
      { "person.name": "Nobody" },
      { id: "blank", person: { name: " " } },
      { id: "wrong", person: { nickname: "A" } },
      { id: "=1+1", "person.name": "A formula" },
    ]);
    const { code, stdout, stderr } = await p8e.call([...args(tape), "--report", p8e.path("odd.csv"), "--dry-run"]);
    assert.deepEqual([code, /of these, other values now +1/.test(stdout.toString())], [2, true]);
    assert.match(stderr, /rows that have other values now than were written: 1\./);
    assert.equal((await p8e.call([...args(tape), "--json"])).code, 2);
    assert.deepEqual(
      report(tape).map(({ outcome, message }) => [outcome, message]),
      [
        ["already", "the tape says other values now than were written"],
        ["written", undefined],
        ["refused", "the name of row 3 is the name of row 2 already"],
        ["refused", "row 4 has no name in the column id"],
        ["refused", "nobody can be greeted without a name"],
        ["refused", "nickname in the input person is not a field of its message"],
        ["written", undefined],
      ],
    );
    const csv = p8e.path("again.csv");
    await p8e.call([...args(tape), "--report", csv]);
    assert.match(readFileSync(csv, "utf8"), /^7,'=1\+1,already,scope1/m);
  });

  it("asks first, and refuses what it cannot read before it asks", async () => {
    const tape = tapeOf("asked.json", [{ id: "asked", "person.name": "Ada" }]);
    const unasked = args(tape).filter((each) => each !== "--yes");
    assert.match((await p8e.refused(2, unasked)).message, /nobody can be asked whether to write them/);
    const there = committed();
    for (const place of [p8e.path("absent", "report.json"), p8e.path("folder.json")]) {
      mkdirSync(p8e.path("folder.json"), { recursive: true });
      const { message, facts } = await p8e.refused(2, [...args(tape), "--report", place]);
      assert.deepEqual([message, facts["file"]], ["the report cannot be written", place]);
    }
    assert.equal(committed(), there, "nothing was written to the ledger");
    assert.deepEqual(
      readdirSync(p8e.folder).filter((name) => /\.json\.[0-9a-f-]{36}$/.test(name)),
      [],
    );
    const wrong = tapeOf("wrong.json", [{ id: 1, colour: "red" }]);
    assert.match((await p8e.refused(2, args(wrong))).message, /the columns colour have no place in the inputs/);
    const { rows, ready } = await p8e.json<{ rows: number; ready: number }>([...args(tape), "--dry-run"]);
    assert.deepEqual([rows, ready], [1, 1]);
    assert.deepEqual(
      report(tape).map(({ outcome }) => outcome),
      ["ready"],
    );
  });
});
