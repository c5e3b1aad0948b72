import assert from "node:assert/strict";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import process from "node:process";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { stripVTControlCharacters } from "node:util";
import { textWidth } from "../src/terminal/layout.ts";
import { Screen } from "../src/terminal/screen.ts";
import { screens } from "./support/views.ts";

// What a terminal shows is a function of the view and of the terminal: width, colour, charset. Texts as they are at three
// widths, `UPDATE_SCREENS=1` writes them anew; what holds of every screen at every width.

interface TerminalOf {
  readonly columns?: number | undefined;
  readonly color?: boolean;
  readonly ascii?: boolean;
  readonly json?: boolean;
}

function shown(show: (screen: Screen) => void, { columns, color = false, ascii = false, json = false }: TerminalOf) {
  let all = "";
  const output = { write: (text: string) => (all += text), isTTY: columns !== undefined, columns };
  show(new Screen({ stdout: output, stderr: output, json, color, ascii, nowMs: () => 0 }));
  return all;
}

const widths = [30, 40, 53, 80, 131];

/** Shown by others among the screens. */
const partOfOthers = ["show-warnings.ts"];

describe("screens", () => {
  for (const columns of [40, 80, 120]) {
    it(`show at ${columns} columns what stands in the fixture`, () => {
      const file = new URL(`fixtures/screens/${columns}.txt`, import.meta.url);
      const texts = Object.entries(screens).map(
        ([name, show]) => `${"=".repeat(columns)}\np8e ${name}\n${shown(show, { columns })}`,
      );
      if (process.env.UPDATE_SCREENS === "1") writeFileSync(file, texts.join("\n"));
      assert.equal(texts.join("\n"), readFileSync(file, "utf8"));
    });
  }

  for (const [name, show] of Object.entries(screens)) {
    it(`p8e ${name}: no line is wider than the terminal, but for a word that is, which stands alone`, () => {
      for (const ascii of [false, true]) {
        for (const columns of widths) {
          for (const line of shown(show, { columns, ascii }).split("\n")) {
            // At the end of a command's line a stroke says that it goes on.
            const alone = !/\S\s+\S/.test(line.replace(/ \\$/, ""));
            assert.doesNotMatch(line, / $/);
            assert.ok(textWidth(line) <= columns || alone, `${columns}: ${line}`);
            if (textWidth(line) > columns) assert.ok(textWidth(line.replace(/ \\$/, "").trim()) > columns - 2, line);
          }
        }
      }
    });

    it(`p8e ${name}: without its colours it is the plain screen`, () => {
      for (const columns of [undefined, ...widths]) {
        const colored = shown(show, { columns, color: true });
        assert.equal(stripVTControlCharacters(colored), shown(show, { columns }));
      }
    });

    it(`p8e ${name}: in the C locale it is ASCII alone`, () => {
      for (const columns of [undefined, 40, 80]) assert.match(shown(show, { columns, ascii: true }), /^[\n -~]*$/);
    });

    it(`p8e ${name}: a program gets nothing of it under --json but warnings and errors, the same for every terminal`, () => {
      const plain = shown(show, { json: true });
      for (const terminal of [{ columns: 40 }, { columns: 120, color: true }, { ascii: true }]) {
        assert.equal(shown(show, { ...terminal, json: true }), plain);
      }
      for (const line of plain.split("\n").filter((each) => each !== "")) {
        assert.match(Object.keys(JSON.parse(line)).join(), /^(warning|error)$/);
      }
    });
  }

  it("do not change what a program gets as the result", () => {
    const result = (to: Screen) => to.result({ title: "Zoë – “final” ✔", hash: "A".repeat(44), fee: 10n });
    const plain = shown(result, { json: true });
    assert.deepEqual(JSON.parse(plain), { title: "Zoë – “final” ✔", hash: "A".repeat(44), fee: "10" });
    for (const terminal of [{ columns: 40 }, { columns: 120, color: true }, { ascii: true }]) {
      assert.equal(shown(result, { ...terminal, json: true }), plain);
    }
  });

  it("show a value as JSON that any program reads, whatever the terminal", () => {
    const value = { name: "Zoë “z” \u202e\u009b \u001b[31m ✔ 貸", long: "word ".repeat(40) };
    for (const terminal of [{}, { columns: 40 }, { color: true, columns: 80 }, { ascii: true }]) {
      const text = shown((to) => to.value(value), terminal);
      assert.deepEqual(JSON.parse(text), value);
      for (const each of "\u001b\u202e\u009b") assert.ok(!text.includes(each));
      if ("ascii" in terminal) assert.match(text, /^[\n -~]*$/);
    }
    assert.equal(
      shown((to) => to.value(value), { json: true }),
      "",
    );
  });

  it("are all among the views: no screen is without a fixture", () => {
    const folder = fileURLToPath(new URL("../src/screens", import.meta.url));
    const views = readFileSync(new URL("support/views.ts", import.meta.url), "utf8");
    for (const file of readdirSync(folder).filter((each) => each.startsWith("show-"))) {
      const shown = views.includes(`src/screens/${file}"`) || partOfOthers.includes(file);
      assert.ok(shown, file);
    }
  });
});
