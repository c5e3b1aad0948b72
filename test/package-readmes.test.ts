// The README of every package that is published: its example runs as it stands there, and prints what the page says.
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { after, describe, it } from "node:test";
import { pathToFileURL } from "node:url";
import { inspect } from "node:util";
import { publishedFolders } from "../scripts/pack.ts";
import { readmeExamples } from "./support/readme-examples.ts";
import { read, root } from "./support/sources.ts";

describe("the README of a package", () => {
  mkdirSync(join(root, ".cache"), { recursive: true });
  // Inside of the clone, where the packages' names lead to its sources.
  const folder = mkdtempSync(join(root, ".cache", "readmes-"));
  after(() => rmSync(folder, { recursive: true, force: true }));

  for (const published of publishedFolders()) {
    const text = read(`${published}/README.md`);
    if (published === "apps/cli") {
      it("shows how the command is installed and called", () => assert.match(text, /npx --no p8e up/));
      continue;
    }
    it(`has an example that runs: ${published}`, async (t) => {
      const [example, ...others] = readmeExamples(text);
      assert.ok(example !== undefined && others.length === 0, "one example, and what it prints");
      const file = join(folder, `${basename(published)}.ts`);
      writeFileSync(file, example.code);
      let printed = "";
      t.mock.method(console, "log", (...values: unknown[]) => {
        printed += `${values.map((value) => (typeof value === "string" ? value : inspect(value))).join(" ")}\n`;
      });
      await import(pathToFileURL(file).href);
      assert.equal(printed, example.prints);
    });
  }
});
