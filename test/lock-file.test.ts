import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { it } from "node:test";

interface Entry {
  readonly resolved?: string;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}
const text = readFileSync(new URL("../package-lock.json", import.meta.url), "utf8");
const { packages } = JSON.parse(text) as { packages: Readonly<Record<string, Entry>> };

it("the lock file names no registry", () => {
  for (const [name, { resolved }] of Object.entries(packages)) {
    assert.ok(resolved === undefined || !/^[a-z+]+:/.test(resolved), `${name} is resolved to ${resolved}`);
  }
});

it("the lock file has every optional package of every platform, or npm ci refuses it (npm run lock completes it)", () => {
  for (const [at, { optionalDependencies = {} }] of Object.entries(packages)) {
    for (const name of Object.keys(optionalDependencies)) {
      const found = packages[`node_modules/${name}`] ?? packages[`${at}/node_modules/${name}`];
      assert.ok(found, `${name}, wanted by ${at || "the root"}, is not in package-lock.json`);
    }
  }
});
