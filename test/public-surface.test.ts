// What each package offers, by name. Widening or narrowing it is a decision: run with UPDATE_SURFACE=1 and commit the list.
import assert from "node:assert/strict";
import { globSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import process from "node:process";
import { it } from "node:test";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const listed = join(root, "test", "public-surface.txt");

function surfaceOf(index: string): readonly string[] {
  const text = readFileSync(join(root, index), "utf8");
  assert.doesNotMatch(text, /^export (?:default|\* from)/m, `${index}: only named exports`);
  const names = new Set<string>();
  for (const [, list] of text.matchAll(/export (?:type )?\{([^}]*)\}/g)) {
    for (const part of list!.split(",")) {
      const name = part
        .replaceAll(/\/\/.*$/gm, "")
        .trim()
        .replace(/^type /, "")
        .split(" as ")
        .at(-1)!;
      if (name !== "") names.add(name);
    }
  }
  for (const [, name] of text.matchAll(/export \* as (\w+) from/g)) names.add(`${name}.*`);
  for (const [, name] of text.matchAll(/^export (?:const|function|class|interface|type) (\w+)/gm)) names.add(name!);
  return [...names].sort();
}

it("every package offers what the list says, no more and no less", () => {
  const found = globSync("packages/*/src/index.ts", { cwd: root })
    .sort()
    .map(
      (index) =>
        `${index.split("/")[1]}\n${surfaceOf(index)
          .map((name) => `  ${name}\n`)
          .join("")}`,
    )
    .join("\n");
  if (process.env.UPDATE_SURFACE === "1") writeFileSync(listed, found);
  assert.equal(found, readFileSync(listed, "utf8"), "the public surface changed; see the head of this file");
});
