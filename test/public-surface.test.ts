// What each package offers, by name. Widening or narrowing it is a decision: run with UPDATE_SURFACE=1 and commit the list.
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { it } from "node:test";
import { doorsOf, packageFolders, read, root } from "./support/sources.ts";

const listed = join(root, "test", "public-surface.txt");

function surfaceOf(door: string): readonly string[] {
  const text = read(door);
  assert.doesNotMatch(text, /^export default/m, `${door}: only named exports`);
  const names = new Set<string>();
  // What is generated has its names from a .proto file.
  for (const [, from] of text.matchAll(/^export \* from "(.+)"/gm)) {
    assert.match(from!, /\/gen\/\w.*_pb\.ts$/, `${door}: only named exports`);
    names.add(from!.replace(/^.*\/gen\/(.*)_pb\.ts$/, "* of $1.proto"));
  }
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
  const found = packageFolders
    .filter((folder) => folder.startsWith("packages/"))
    .flatMap((folder) => [...doorsOf(folder)])
    .map(([name, file]) => [name.slice("@p8e/".length), ...surfaceOf(file).map((one) => `  ${one}`), ""].join("\n"))
    .join("\n");
  if (process.env.UPDATE_SURFACE === "1") writeFileSync(listed, found);
  assert.equal(found, readFileSync(listed, "utf8"), "the public surface changed; see the head of this file");
});
