import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { describe, it } from "node:test";

describe("this package", () => {
  it("imports nothing that could hold a key or decrypt", () => {
    const cwd = new URL("../src/", import.meta.url).pathname;
    const imported = new Set<string>();
    for (const file of globSync("**/*.ts", { cwd })) {
      for (const match of readFileSync(`${cwd}${file}`, "utf8").matchAll(/from "([^".][^"]*)"/g))
        imported.add(match[1]!);
    }
    assert.deepEqual([...imported].sort(), [
      "@bufbuild/protobuf",
      "@bufbuild/protobuf/wire",
      "@p8e/core",
      "@p8e/proto/envelope",
    ]);
  });
});
