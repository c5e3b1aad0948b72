// The page's table of differences, held against both stores.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, it } from "node:test";
import { optionalOriginalStore, storeDifferences } from "@p8e/testkit";
import { LocalHarness } from "./support/harness.ts";
import { OriginalHarness } from "./support/original-harness.ts";

const page = readFileSync(new URL("../../../docs/protocol/object-store.md", import.meta.url), "utf8");

/** The rows below the table's head, as texts. */
function tableRows(): readonly (readonly string[])[] {
  const [, below] = page.split("| what | original | ours |\n|---|---|---|\n");
  const rows = (below ?? "").split("\n\n")[0]!.trim().split("\n");
  return rows.map((row) =>
    row
      .split("|")
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
}

await optionalOriginalStore("differences between the original store and ours", (found) => {
  describe("a difference that docs/protocol/object-store.md lists", () => {
    const original = new OriginalHarness(found);
    const ours = new LocalHarness();
    const rows = tableRows();

    it("is one of those that are looked at here, and the other way round", () => {
      assert.deepEqual(
        rows.map(([what]) => what),
        storeDifferences.map(({ what }) => what),
      );
    });

    for (const { what, observe } of storeDifferences) {
      it(what, async () => {
        const row = rows.find(([first]) => first === what);
        assert.deepEqual(await Promise.all([observe(original), observe(ours)]), row?.slice(1));
      });
    }
  });
});
