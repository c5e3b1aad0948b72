// What differs between chains is written in one file: everything else takes it from the Network it is given.
import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { dirname, join, sep } from "node:path";
import { it } from "node:test";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const HOME = "packages/core/src/network.ts";

/** Account prefixes as text of their own or at the head of an address, chain ids, derivation paths. */
const FIXED = [
  /["'`](tp|pb)["'`]/,
  /\b(tp|pb)1[02-9ac-hj-np-z]{8}/,
  /\bchain-local\b|\bpio-(main|test)net/,
  /\bm\/44'/,
];

it("no account prefix, chain id or derivation path stands in a source file but in the networks' own", () => {
  const files = globSync(["packages/*/src/**/*.ts", "apps/*/src/**/*.ts", "examples/*/src/**/*.ts", "bench/**/*.ts"], {
    cwd: root,
  }).map((file) => file.split(sep).join("/"));
  assert.ok(files.includes(HOME));
  const found = files
    .filter((file) => file !== HOME && !file.includes("/gen/"))
    .flatMap((file) =>
      readFileSync(join(root, file), "utf8")
        .split("\n")
        .flatMap((line, index) =>
          FIXED.some((pattern) => pattern.test(line)) ? [`${file}:${index + 1}: ${line}`] : [],
        ),
    );
  assert.deepEqual(found, []);
});
