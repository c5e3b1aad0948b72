import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { it } from "node:test";
import { fileURLToPath } from "node:url";

const page = readFileSync(new URL("../../../docs/protocol/contract-bundle.md", import.meta.url), "utf8");
const source = fileURLToPath(new URL("../src", import.meta.url));

it("docs/protocol/contract-bundle.md names every rule for contracts", () => {
  const rules = new Set<string>();
  for (const file of globSync("**/*.ts", { cwd: source })) {
    const text = readFileSync(`${source}/${file}`, "utf8");
    for (const match of text.matchAll(/(?:\badd\(\s*|\brule: )"([a-z]+(?:-[a-z]+)*)"|^ {2}"(output-[a-z]+)":/gm)) {
      rules.add((match[1] ?? match[2])!);
    }
  }
  assert.ok(rules.size > 20, [...rules].join());
  for (const rule of rules) assert.ok(page.includes(`\`${rule}\``), rule);
});
