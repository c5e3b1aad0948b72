// What is exported says what it is, whatever may import it.
import assert from "node:assert/strict";
import { it } from "node:test";
import { files, packageFolders, read } from "./support/sources.ts";

const EXPORT = /^export (?:default \w|(?:abstract |async )*(?:class|const|enum|function|interface|type) \w)/;

/** Exported functions, classes, interfaces, types and constants without a comment of documentation above them. */
function undocumentedIn(folder: string): readonly string[] {
  return files(`${folder}/src/**/*.ts`).flatMap((file) => {
    const lines = read(file).split("\n");
    return lines.flatMap((line, index) => {
      if (!EXPORT.test(line)) return [];
      const above = lines.slice(0, index).findLast((each) => !/^\s*\/\//.test(each)) ?? "";
      // A function's further signatures share the comment of the first.
      const signature = /^export (?:async )?function \w+/.exec(line)?.[0];
      const continues = signature !== undefined && above.startsWith(signature);
      return continues || above.trimEnd().endsWith("*/") ? [] : [`${file}:${index + 1}`];
    });
  });
}

it("every export has a comment that says what it is", () => {
  assert.deepEqual(packageFolders.flatMap(undocumentedIn), []);
});
