import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { it } from "node:test";
import { files, read, root } from "../support/sources.ts";

it("every case's tests are there, and every test of a case stands in the table", () => {
  const table = read("test/cases/README.md")
    .split("\n")
    .filter((line) => line.startsWith("| ") && !line.startsWith("| case"));
  const named = new Set<string>();
  for (const row of table) {
    const [, test = "", elsewhere = ""] = row.split(" | ").slice(1);
    const ofCase = [...test.matchAll(/`([\w-]+(?:\.slow)?\.test\.ts)`/g)].map(([, name]) => `test/cases/${name}`);
    assert.ok(ofCase.length > 0, row);
    const others = [...elsewhere.matchAll(/`([\w/.-]+\.(?:ts|md))`/g)].map(([, path]) => path!);
    for (const file of [...ofCase, ...others]) assert.ok(existsSync(join(root, file)), file);
    for (const file of ofCase) named.add(file);
  }
  assert.equal(table.length, 17);
  const own = "test/cases/readme.test.ts";
  const slowOfNamed = (file: string) => named.has(file.replace(".slow.test.ts", ".test.ts"));
  const unnamed = files(["test/cases/*.test.ts"]).filter((file) => !named.has(file) && !slowOfNamed(file));
  assert.deepEqual(unnamed, [own]);
});
