import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { it } from "node:test";
import { wire } from "@p8e/core";

it("docs/errors.md has a section for every code, and none for a code that is gone", () => {
  const text = readFileSync(new URL("../docs/errors.md", import.meta.url), "utf8");
  const documented = [...text.matchAll(/^### `([^`]+)`$/gm)].map((match) => match[1]!);
  assert.deepEqual(documented.toSorted(), Object.keys(wire).toSorted());
  assert.equal(new Set(documented).size, documented.length);
});

it("docs/errors.md gives each code the status it has in the table", () => {
  const text = readFileSync(new URL("../docs/errors.md", import.meta.url), "utf8");
  for (const [code, face] of Object.entries(wire)) {
    const section = text.split(`### \`${code}\`\n`)[1]?.split("\n### ")[0] ?? "";
    const line = `gRPC ${face.grpc} · HTTP ${face.http} · exit ${face.exit}${face.retry ? " · trying again can help" : ""}`;
    assert.ok(section.includes(line), `${code}: expected the line "${line}"`);
  }
});

it("docs/guides/when-something-fails.md has a place for every code, which links to its section", () => {
  const text = readFileSync(new URL("../docs/guides/when-something-fails.md", import.meta.url), "utf8");
  const links = [...text.matchAll(/\[`([a-z_]+\.[a-z_]+)`\]\(\.\.\/errors\.md#([a-z_]+)\)/g)];
  for (const [, code, anchor] of links) assert.equal(anchor, code!.replace(".", ""));
  assert.deepEqual([...new Set(links.map((match) => match[1]!))].toSorted(), Object.keys(wire).toSorted());
});
