import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { P8eError } from "@p8e/core";
import { formatCoins, formatDuration, formatPrice, formatSize, shorten } from "../src/terminal/format.ts";
import { Screen } from "../src/terminal/screen.ts";

function screen(options: { json?: boolean; color?: boolean; terminal?: boolean; call?: string | undefined } = {}) {
  const printed = { out: "", err: "" };
  let now = 0;
  return {
    printed,
    screen: new Screen({
      stdout: { write: (text) => (printed.out += text), isTTY: options.terminal === true },
      stderr: { write: (text) => (printed.err += text), isTTY: options.terminal === true, columns: 60 },
      json: options.json === true,
      color: options.color === true,
      call: options.call,
      nowMs: () => (now += 600),
    }),
  };
}

describe("the screen", () => {
  it("says what a step did and how long it took", async () => {
    const { screen: to, printed } = screen();
    const value = await to.step(
      "count",
      async () => 3,
      (count) => `counted ${count}`,
    );
    assert.equal(value, 3);
    assert.match(printed.out, /^✔ counted 3 \(\d/);
    assert.equal(printed.err, "");
  });

  it("calls the command as it is called from where it was installed", () => {
    for (const [call, shown] of [
      [undefined, "npx p8e up"],
      ["npx --no p8e", "npx --no p8e up"],
    ] as const) {
      for (const json of [false, true]) {
        const { screen: to, printed } = screen({ json, call });
        to.command("npx p8e up");
        to.warn("npx p8e up starts it");
        to.error(new P8eError("environment.not_running", "it is down", { hint: "npx p8e up starts it" }));
        const said = printed.out + printed.err;
        assert.equal(said.split(shown).length - 1, json ? 2 : 3, said);
        assert.equal(said.split("npx").length - 1, json ? 2 : 3, said);
      }
    }
  });

  it("draws progress on a terminal only, and wipes it away", async () => {
    const { screen: to, printed } = screen({ terminal: true });
    await to.step("copy", async (progress) => progress({ done: 50, total: 200, text: "of a file" }));
    assert.ok(printed.err.includes("copy 25 % of a file"));
    assert.ok(printed.err.endsWith("\r\u001b[2K"));
    const { screen: piped, printed: quiet } = screen();
    await piped.step("copy", async (progress) => progress({ done: 1, total: 2 }));
    assert.equal(quiet.err, "");
  });

  it("shows what would command the terminal instead of sending it there", () => {
    const evil = "fine\u001b[2J\u001b]0;title\u0007\r\u009b1A\u202e\u001b[8m";
    const shown = "fine\\u001b[2J\\u001b]0;title\\u0007\\u000d\\u009b1A\\u202e\\u001b[8m";
    const { screen: to, printed } = screen();
    to.say(evil);
    to.warn(evil);
    to.facts([["name", evil]]);
    to.table(["name"], [[evil]]);
    to.error(new P8eError("contract.failed", evil, { facts: { rule: evil }, hint: evil }));
    assert.equal(printed.out.split(shown).length, 4);
    assert.equal(printed.err.split(shown).length, 5);
    const { screen: lines, printed: indented } = screen();
    lines.error(new P8eError("contract.failed", "broken\n✔ verified", { facts: { rule: "a\n✔ verified" } }));
    assert.doesNotMatch(indented.err, /^✔/m);
    const { screen: colored, printed: colors } = screen({ color: true });
    colored.note("\u001b[2J");
    assert.equal(colors.out, "\u001b[2m\\u001b[2J\u001b[22m\n");
  });

  it("under --json prints one value and nothing else", async () => {
    const { screen: to, printed } = screen({ json: true });
    to.heading("never seen");
    to.table(["a"], [["b"]]);
    await to.step("silent", async () => undefined);
    to.result({ fee: 10n, bytes: Uint8Array.of(1, 2) });
    assert.deepEqual(JSON.parse(printed.out), { fee: "10", bytes: "AQI=" });
  });

  it("gives an error its facts, its hint and its exit code, in words or as JSON", () => {
    const error = new P8eError("contract.failed", "the rule does not hold", {
      facts: { rule: "positive-principal", field: "loan.principal" },
      hint: "Correct the data.",
    });
    const words = screen();
    assert.equal(words.screen.error(error), 16);
    assert.ok(words.printed.err.includes("rule positive-principal"));
    assert.ok(words.printed.err.includes("Correct the data."));
    assert.ok(words.printed.err.includes("contract.failed"));
    const json = screen({ json: true });
    assert.equal(json.screen.error(error), 16);
    assert.deepEqual(JSON.parse(json.printed.err).error.facts, { rule: "positive-principal", field: "loan.principal" });
  });

  it("marks what failed with one cross: the step that did where the error is seen below it, else the error", async () => {
    for (const [terminal, seen] of [
      [true, { out: "✖ running it\n", err: "  the rule does not hold\n" }],
      [false, { out: "✖ running it\n", err: "✖ the rule does not hold\n" }],
    ] as const) {
      const { screen: to, printed } = screen({ terminal });
      const error = new P8eError("contract.failed", "the rule does not hold");
      const fails = to.step("running it", () => Promise.reject(error));
      await assert.rejects(fails, error);
      assert.equal(to.error(error), 16);
      assert.ok(printed.out.endsWith(seen.out));
      assert.ok(printed.err.split("\u001b[2K").at(-1)!.startsWith(seen.err), printed.err);
    }
  });

  it("draws tables that line up without colour codes", () => {
    const { screen: to, printed } = screen();
    to.table(
      ["who", "reads"],
      [
        ["Lender", "all"],
        ["Bank", "some"],
      ],
    );
    assert.ok(!printed.out.includes("\u001b"));
    const [head, first] = printed.out.split("\n");
    assert.equal(head!.indexOf("reads"), first!.indexOf("all"));
  });
});

describe("a narrow screen", () => {
  const narrow = (ascii: boolean) => {
    let shown = "";
    const output = { write: (text: string) => (shown += text), isTTY: true, columns: 40 };
    const screen = new Screen({ stdout: output, stderr: output, json: false, color: false, ascii, nowMs: () => 0 });
    screen.heading("The stage of a story that is told at length");
    screen.facts([["check it with", "npx p8e verify scope1qzpl --as lender"]]);
    screen.table(["who", "sees"], [["Lender", "the loan and all of its documents, which it encrypted"]]);
    screen.error(new P8eError("input.invalid", "there is no file of that name in this folder", { hint: "Name one…" }));
    return shown;
  };

  it("breaks what it shows", () => {
    assert.equal(
      narrow(false),
      `
The stage of a story that is told at
length
  check it with  npx p8e verify \\
                   scope1qzpl \\
                   --as lender
  who      sees
  Lender   the loan and all of its
           documents, which it
           encrypted
✖ there is no file of that name in this
  folder
  Name one…
  input.invalid: see docs/errors.md
`,
    );
  });

  it("has stand-ins for its marks where the locale has ASCII alone", () => {
    assert.match(narrow(true), /^x there is no file of that name in this\n {2}folder\n {2}Name one\.\.\.$/m);
  });
});

describe("numbers for people", () => {
  it("have the unit that fits", () => {
    assert.equal(formatSize(999), "999 B");
    assert.equal(formatSize(1500), "1.5 KB");
    assert.equal(formatSize(104_857_600), "105 MB");
    assert.equal(formatSize(2_000_000_000_000n), "2.0 TB");
    assert.equal(formatDuration(12.4), "12 ms");
    assert.equal(formatDuration(1_234), "1.2 s");
    assert.equal(formatDuration(125_000), "2 min 5 s");
    assert.equal(formatCoins(66_000_000_000n, { test: false }), "66 hash");
    assert.equal(formatCoins(1_234_500_000_000n, { test: true }), "1,234.5 test coins");
    const worth = { musd: 25n, nhash: 1_000_000_000n };
    const amounts = [0n, 1n, 66_000_000_000n, 200_000_000n, 50_000_000_000_000n];
    const told = ["$0.00", "$0.001", "$1.65", "$0.005", "$1,250.00"];
    assert.deepEqual(
      amounts.map((nhash) => formatPrice(nhash, worth)),
      told,
    );
    assert.equal(shorten("scope1qzge0zaztu65tx5x5llv5xc9ztsqxlkwel"), "scope1qzge0z…lkwel".replace("lkwel", "kwel"));
  });

  it("say what is under way also where a terminal does not say how wide it is", async () => {
    let shown = "";
    const output = { write: (text: string) => (shown += text), isTTY: true, columns: 0 };
    const options = { json: false, color: false, ascii: false, nowMs: () => 0 };
    const screen = new Screen({ stdout: output, stderr: output, ...options });
    await screen.step("starting a ledger", async () => undefined);
    assert.match(shown, /… starting a ledger/);
  });
});
