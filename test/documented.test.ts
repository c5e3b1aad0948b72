// What is exported says what it is. The number of those that do not say it may only go down: run with
// UPDATE_UNDOCUMENTED=1 when it has, and commit the list.
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { it } from "node:test";
import { files, packageFolders, read, root } from "./support/sources.ts";

const LIST = "test/undocumented-exports.json";
const EXPORT = /^export (?:abstract |async )*(?:class|const|enum|function|interface|type) \w/;

/** Exported functions, classes, interfaces, types and constants without a comment of documentation above them. */
function undocumentedIn(folder: string): number {
  let count = 0;
  for (const file of files(`${folder}/src/**/*.ts`)) {
    const lines = read(file).split("\n");
    for (const [index, line] of lines.entries()) {
      if (!EXPORT.test(line)) continue;
      const above = lines.slice(0, index).findLast((each) => !/^\s*\/\//.test(each)) ?? "";
      // A function's further signatures share the comment of the first.
      const signature = /^export (?:async )?function \w+/.exec(line)?.[0];
      const continues = signature !== undefined && above.startsWith(signature);
      if (!continues && !above.trimEnd().endsWith("*/")) count += 1;
    }
  }
  return count;
}

it("no package has more undocumented exports than it had", () => {
  const listed = JSON.parse(read(LIST)) as Readonly<Record<string, number>>;
  const found = Object.fromEntries(
    packageFolders.map((folder) => [folder, undocumentedIn(folder)] as const).filter(([, count]) => count > 0),
  );
  const grown = Object.entries(found).filter(([folder, count]) => count > (listed[folder] ?? 0));
  assert.deepEqual(grown, [], `document what is exported, or what it replaces; ${LIST} has the numbers`);
  if (process.env.UPDATE_UNDOCUMENTED === "1") {
    writeFileSync(join(root, LIST), `${JSON.stringify(found, undefined, 2)}\n`);
  }
});
