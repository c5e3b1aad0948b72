import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { stripVTControlCharacters, styleText } from "node:util";
import fc from "fast-check";
import {
  asciiText,
  isAsciiLocale,
  tableText,
  textWidth,
  wrapCommand,
  wrapFacts,
  wrapText,
} from "../src/terminal/layout.ts";

const word = fc.stringMatching(/^[a-zä…✔]{1,12}$/);
const text = fc.array(word, { minLength: 1, maxLength: 40 }).map((words) => words.join(" "));
const styled = text.map((each) => styleText("dim", each, { validateStream: false }));
const widths = fc.integer({ min: 20, max: 120 });
const words = (shown: string) =>
  stripVTControlCharacters(shown)
    .split(/[ \n]+/)
    .filter((each) => each !== "");

describe("text in a terminal", () => {
  it("is never wider than it, loses no word and repeats none", () => {
    fc.assert(
      fc.property(fc.oneof(text, styled), widths, (given, width) => {
        const shown = wrapText(given, width);
        for (const line of shown.split("\n")) assert.ok(textWidth(line) <= width, line);
        assert.deepEqual(words(shown), words(given));
      }),
    );
  });

  it("goes on below the first word of its line", () => {
    assert.equal(wrapText("✔ published: nine specifications", 20), "✔ published: nine\n  specifications");
    assert.equal(wrapText("  a  b\n\n    deep and deeper", 14), "  a  b\n\n    deep and\n    deeper");
    assert.equal(wrapText("exactly twenty chars", 20), "exactly twenty chars");
  });

  it("leaves what is there to be copied in one piece", () => {
    const hash = "W9rC4bzzgCKDGZHCmsBVxOEdKWrpvhUkPWGc5rS0YuU=";
    assert.equal(wrapText(`hash ${hash}`, 30), `hash\n${hash}`);
  });

  it("breaks a command so that a shell takes it", () => {
    const command = "  npx p8e verify scope1qxyz --as bank --data /tmp/some/folder";
    const shown = wrapCommand(command, 40);
    assert.equal(shown, "  npx p8e verify scope1qxyz --as bank \\\n    --data /tmp/some/folder");
    fc.assert(
      fc.property(fc.integer({ min: 30, max: 120 }), (width) => {
        const lines = wrapCommand(command, width).split("\n");
        for (const line of lines) assert.ok(textWidth(line) <= width, line);
        assert.deepEqual(words(lines.map((line) => line.replace(/ \\$/, "")).join("\n")), words(command));
      }),
    );
  });

  it("counts two columns for wide characters", () => {
    assert.equal(textWidth("ab"), 2);
    assert.equal(textWidth("é…✔"), 3);
    assert.equal(textWidth("貸し手"), 6);
    assert.equal(textWidth(styleText("red", "ab", { validateStream: false })), 2);
  });
});

describe("facts", () => {
  it("stand below each other, and long ones go on there", () => {
    const rows = [
      ["scope", "scope1qzpl"],
      ["check it with", "npx p8e verify scope1qzpl --as lender"],
      ["note", "one two three four five six seven"],
    ] as const;
    assert.deepEqual(wrapFacts(rows, 44), [
      "  scope          scope1qzpl",
      "  check it with  npx p8e verify scope1qzpl \\",
      "                   --as lender",
      "  note           one two three four five six",
      "                 seven",
    ]);
  });
});

describe("a table", () => {
  const head = ["who", "sees"];
  const rows = [
    ["Lender", "the loan and its documents: it encrypted them"],
    ["Lender's store", "ciphertext, sizes, and whose keys may read it"],
  ];

  it("wraps in its cells where it is too wide, and falls into blocks where that does not help", () => {
    const narrow = tableText(head, rows, 40);
    for (const line of narrow.split("\n")) assert.ok(textWidth(line) <= 40, line);
    assert.match(narrow, /^ {2}who\s+sees/);
    const blocks = tableText(["object", "hash"], [["deed", "OHagVRa54OXpZvbOUHkugufb"]], 30);
    assert.equal(blocks, "  object  deed\n  hash\n    OHagVRa54OXpZvbOUHkugufb");
  });

  it("is never wider than the terminal while its words are not", () => {
    const cells = fc.array(fc.tuple(text, styled, text), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(cells, fc.integer({ min: 40, max: 120 }), (given, width) => {
        const shown = tableText(["a", "b", "c"], given, width);
        for (const line of shown.split("\n")) assert.ok(textWidth(line) <= width, line);
        const count = (all: readonly string[]) => all.filter((each) => !["a", "b", "c"].includes(each)).sort();
        assert.deepEqual(count(words(shown)), count(given.flat().flatMap(words)));
      }),
      { numRuns: 30 },
    );
  });
});

describe("a terminal of ASCII alone", () => {
  it("is told by the locale, and gets marks and codes that it can show", () => {
    assert.equal(isAsciiLocale({ LANG: "C" }), true);
    assert.equal(isAsciiLocale({ LC_ALL: "POSIX", LANG: "en_US.UTF-8" }), true);
    assert.equal(isAsciiLocale({ LANG: "C.UTF-8" }), false);
    assert.equal(isAsciiLocale({}), false);
    assert.equal(asciiText("✔ done… “Zoë” 🙂\n"), '+ done... "Zo\\u{eb}" \\u{1f642}\n');
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), (any) => {
        // biome-ignore lint/suspicious/noControlCharactersInRegex: what may stand there is just this
        assert.match(asciiText(any), /^[\n\t\u001b -~]*$/);
      }),
    );
  });
});
