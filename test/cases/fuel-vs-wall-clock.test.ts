import assert from "node:assert/strict";
import { it } from "node:test";
import { openSandbox } from "@p8e/engine";
import { bundleOf, nothing } from "../../packages/engine/test/hostile-bundle.ts";

/** Work without end, of kinds that the interpreter does in places of its own. `bench/metering.ts` has their prices. */
const kinds: Readonly<Record<string, string>> = {
  loop: "for (;;);",
  calls: "const f = (x) => x; for (;;) f(1);",
  objects: "for (;;) ({ a: 1 });",
  strings: "let n = 0; for (;;) 'x' + n++;",
  bigint: "let x = 1n; for (;;) x = (x * 3n) % 1000003n;",
  "large bigint": "const b = 3n ** 20000n; for (;;) b * b;",
  "one huge product": "const b = (1n << 500000n) - 1n; return b * b;",
  atoms: "let n = 0; for (;;) Symbol('s' + n++);",
  backtracking: "/^(a+)+$/.test('a'.repeat(80) + 'b');",
  sort: "for (;;) [3, 1, 2].sort();",
  "one large sort": "return new Float64Array(4000000).map((_, i) => (i * 7919) % 4000000).sort();",
  json: "for (;;) JSON.stringify({ a: [1, 2, 3] });",
  map: "const m = new Map(); for (let i = 0; ; i = (i + 1) % 1000) m.set(i, i);",
  slices: "const s = 'x'.repeat(1e5); for (let i = 1; ; i = (i + 1) % 99) s.slice(i);",
  filling: "const u = new Uint8Array(1e6); for (;;) u.fill(1);",
  copying: "const u = new Uint8Array(1e6); for (;;) u.copyWithin(1, 0);",
  searching: "new Array(4294967295).indexOf(1);",
  "searching a text": "const s = 'a'.repeat(1e6); for (;;) s.indexOf('aaaaaaaab');",
};

it("every kind of work is paid: fuel ends it, and never the wall clock", async () => {
  await using sandbox = openSandbox({ limits: { fuel: 100_000_000 } });
  for (const [kind, body] of Object.entries(kinds)) {
    const { outcomes, loadFuel } = await sandbox.run(bundleOf(body), nothing);
    const [outcome] = outcomes;
    assert.deepEqual(
      outcome?.kind === "failure" && [outcome.failure.code, outcome.failure.facts, loadFuel + outcome.fuel],
      ["contract.out_of_fuel", { fuel: 100_000_000 }, 100_000_000],
      kind,
    );
  }
});
