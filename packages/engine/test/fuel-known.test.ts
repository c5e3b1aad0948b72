import assert from "node:assert/strict";
import { it } from "node:test";
import { openSandbox } from "@p8e/engine";
import { bundleOf, nothing } from "./hostile-bundle.ts";

/** What work costs in ABI 2, for ever: another number is another ABI. */
const known: Readonly<Record<string, readonly [body: string, fuel: number]>> = {
  nothing: ["return new Uint8Array(0);", 20246],
  "a loop": ["let n = 0; while (n < 100000) n++; return new Uint8Array(1);", 23320713],
  "a regular expression": ["return new Uint8Array(/^(a+)+$/.test('a'.repeat(15) + 'b') ? 1 : 2);", 12234433],
  sorting: [
    "return new Uint8Array([...new Uint16Array(2000).keys()].map((i) => (i * 7919) % 2003).sort((a, b) => a - b).slice(0, 3));",
    10157921,
  ],
  "a large integer": ["return new TextEncoder().encode(String(3n ** 5000n % 1000003n));", 325350],
  JSON: [
    "return new TextEncoder().encode(JSON.stringify(JSON.parse(JSON.stringify(Array.from({ length: 300 }, (_, i) => ({ i, s: 'n' + i / 3 }))))));",
    8828439,
  ],
  "a megabyte": ["return new Uint8Array(1 << 20).fill(7);", 1457349],
  "an error": ["throw new Error('x'.repeat(100));", 97668],
  "no end": ["for (;;);", 50000000],
  memory: ["const all = []; for (;;) all.push(new Uint8Array(1 << 16));", 20921317],
  stack: ["const f = () => f() + 1; return f();", 152654],
};

it("work costs the units of ABI 2, cold and restored, alone and after other work", async () => {
  await using sandbox = openSandbox({ workers: 2, limits: { fuel: 50_000_000 } });
  for (const [what, [body, fuel]] of Object.entries(known)) {
    const bundle = bundleOf(body);
    const runs = await Promise.all([1, 2, 3, 4].map(() => sandbox.run(bundle, nothing)));
    for (const { outcomes, loadFuel } of runs) assert.equal(loadFuel + outcomes[0]!.fuel, fuel, what);
  }
});
