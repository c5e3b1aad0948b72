// Each numbered decision of ARCHITECTURE.md names what shows it: a decision that nothing shows is a wish.
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const text = readFileSync(join(root, "ARCHITECTURE.md"), "utf8");
const chapter = /^## Decisions$([\s\S]*?)^## /m.exec(text)?.[1] ?? "";
const decisions = [...chapter.matchAll(/^(\d+)\. \*\*(.+?)\*\*[^\n]*\n((?: {4}[^\n]*\n)?)/gm)].map(
  ([, number, title, after]) => ({ number: Number(number), title: title!, after: after! }),
);

describe("the decisions of ARCHITECTURE.md", () => {
  it("are numbered without a gap", () => {
    assert.ok(decisions.length >= 25);
    assert.deepEqual(
      decisions.map(({ number }) => number),
      decisions.map((_, index) => index + 1),
    );
  });

  for (const { number, title, after } of decisions) {
    it(`${number} (${title}) name tests or benchmarks that exist`, () => {
      assert.match(after, /^ {4}Shown by `/, "the line below a decision begins with: Shown by");
      const paths = [...after.matchAll(/`([^`]+)`/g)].map(([, path]) => path!);
      for (const path of paths) {
        assert.ok(existsSync(join(root, path)), `${path} is not there`);
        assert.match(path, /\.(test|types)\.ts$|^bench\//, `${path} is neither a test nor a benchmark`);
      }
    });
  }
});
