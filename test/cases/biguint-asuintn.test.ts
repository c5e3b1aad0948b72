import assert from "node:assert/strict";
import { it } from "node:test";
import { openSandbox } from "@p8e/engine";
import { attack } from "../../packages/engine/test/hostile-bundle.ts";

const samples = [
  -1n,
  -(2n ** 63n),
  2n ** 63n,
  2n ** 64n,
  2n ** 64n + 1n,
  -(2n ** 64n) - 1n,
  -(2n ** 200n) + 3n,
  0n,
  12_345n,
];
const widths = [0, 1, 7, 8, 31, 32, 33, 63, 64, 65, 128, 200];

it("a contract's BigInt.asUintN and asIntN are the language's, for negative numbers too", async () => {
  await using sandbox = openSandbox();
  const body = `const all = [];
    for (const n of [${samples.map((n) => `${n}n`).join()}]) {
      for (const width of [${widths.join()}]) all.push(BigInt.asUintN(width, n), BigInt.asIntN(width, n));
    }
    return new TextEncoder().encode(all.join(" "));`;
  const outcome = await attack(sandbox, body);
  assert.ok(outcome.kind === "output");
  const expected = samples.flatMap((n) =>
    widths.flatMap((width) => [BigInt.asUintN(width, n), BigInt.asIntN(width, n)]),
  );
  assert.equal(new TextDecoder().decode(outcome.output), expected.join(" "));
});
