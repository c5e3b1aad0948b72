import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { acceptedDifferences, isAccepted } from "./accepted-differences.ts";

const PAGE = join(import.meta.dirname, "../../../docs/protocol/ledger-differences.md");

/** The cells of the page's tables, without their heads. */
function rowsOfPage(): string[][] {
  const lines = readFileSync(PAGE, "utf8").split("\n");
  const rows = lines.filter((line) => line.startsWith("|")).map((line) => line.slice(1, -1).split("|"));
  return rows
    .map((cells) => cells.map((cell) => cell.trim()))
    .filter(([first = ""]) => first !== "what" && !/^-+$/.test(first));
}

describe("the page of differences", () => {
  it("has the rows that the differential test accepts, and no others", () => {
    assert.deepEqual(
      rowsOfPage(),
      acceptedDifferences.map(({ what, here, node }) => [what, here, node]),
    );
  });

  it("does not cover just anything", () => {
    const texts = { here: "", node: "" };
    const difference = { what: "MsgSend", place: "", here: { broadcast: "ok" }, node: { broadcast: "sdk/2" }, texts };
    assert.equal(isAccepted(difference), false);
  });
});
