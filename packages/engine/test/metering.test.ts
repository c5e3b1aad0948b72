import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, it } from "node:test";
import { hashContent } from "@p8e/core";
import { meter } from "../interpreter/meter.ts";
import { abiWeights, weightRows } from "../interpreter/weights.ts";
import { webAssembly } from "../src/sandbox/web-assembly.ts";

const file = (name: string) => readFileSync(new URL(`../interpreter/${name}`, import.meta.url));

describe("the meter", () => {
  it("makes the interpreter that is committed from the one without a meter", () => {
    assert.equal(hashContent(meter(file("interpreter.wasm"))), hashContent(file("interpreter.metered.wasm")));
  });

  it("has the weights that the page of the ABI names", () => {
    const page = readFileSync(new URL("../../../docs/protocol/contract-bundle.md", import.meta.url), "utf8");
    const words = (row: string) => row.replaceAll(/ +/g, " ");
    const rows = new Set(page.split("\n").map(words));
    for (const row of weightRows()) assert.ok(rows.has(row), row);
  });

  it("charges each stretch that runs, and bulk instructions by their length", () => {
    const weights = { ...abiWeights, instruction: new Array(256).fill(1), bulk: 10, bulkShift: 3, pageShift: 4 };
    const { fuel, jump, turns, fill, grow } = instantiate(meter(sampleModule(), weights));
    const charge = (work: () => void): number => {
      fuel.value = 1_000_000n;
      work();
      return 1_000_000 - Number(fuel.value);
    };
    assert.deepEqual([charge(() => jump(0)), charge(() => jump(1))], [7, 4]);
    assert.deepEqual([charge(() => turns(1)), charge(() => turns(11))], [8, 58]);
    assert.deepEqual([charge(() => fill(0)), charge(() => fill(807))], [14, 114]);
    assert.equal(charge(() => grow(2)) - charge(() => grow(1)), 16);
  });

  it("ends the run where fuel is below zero, in a loop and in a recursion", () => {
    const { fuel, turns, recursion } = instantiate(meter(sampleModule()));
    for (const work of [() => turns(1_000_000), () => recursion(40)]) {
      fuel.value = 10_000n;
      assert.throws(work, { message: "ended for reason 0" });
      assert.ok(fuel.value < 0n && fuel.value > -100n, String(fuel.value));
    }
  });

  it("refuses what it does not know", () => {
    const header = Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0);
    assert.throws(() => meter(header), { message: "the module has no section 2" });
    const tailCall = sampleModule([[0x12, 1, 0x0b]]);
    assert.throws(() => meter(tailCall), { message: "the meter does not know instruction 0x12" });
  });
});

interface SampleExports {
  readonly fuel: { value: bigint };
  jump(over: number): void;
  turns(count: number): void;
  fill(length: number): void;
  grow(pages: number): void;
  recursion(depth: number): void;
}

const names = ["jump", "turns", "fill", "grow", "recursion"] as const;

/** Code of one function each, of one number and no result. */
const sampleCode: readonly (readonly number[])[] = [
  // block: local.get, br_if out of it, i32.const, drop, end
  [0x02, 0x40, 0x20, 0, 0x0d, 0, 0x41, 1, 0x1a, 0x0b, 0x0b],
  // loop: local.get, i32.const 1, i32.sub, local.tee, br_if back, end
  [0x03, 0x40, 0x20, 0, 0x41, 1, 0x6b, 0x22, 0, 0x0d, 0, 0x0b, 0x0b],
  // i32.const 0 twice, local.get, memory.fill
  [0x41, 0, 0x41, 0, 0x20, 0, 0xfc, 11, 0, 0x0b],
  // local.get, memory.grow, drop
  [0x20, 0, 0x40, 0, 0x1a, 0x0b],
  // local.get, if: twice itself with one less, end
  [0x20, 0, 0x04, 0x40, 0x20, 0, 0x41, 1, 0x6b, 0x10, 5, 0x20, 0, 0x41, 1, 0x6b, 0x10, 5, 0x0b, 0x0b],
];

/** A module like the interpreter's in all that the meter looks at. */
function sampleModule(code = sampleCode): Uint8Array {
  const text = (value: string) => [value.length, ...new TextEncoder().encode(value)];
  const list = (items: readonly (readonly number[])[]) => [items.length, ...items.flat()];
  const section = (id: number, content: readonly number[]) => [id, content.length, ...content];
  return Uint8Array.of(
    ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, list([[0x60, 1, 0x7f, 0]])),
    ...section(2, list([[...text("p8e"), ...text("end"), 0, 0]])),
    ...section(3, list(code.map(() => [0]))),
    ...section(5, list([[0, 1]])),
    ...section(6, list([[0x7f, 0, 0x41, 0, 0x0b]])),
    ...section(7, list(code.map((_, index) => [...text(names[index]!), 0, index + 1]))),
    ...section(10, list(code.map((body) => [body.length + 1, 0, ...body]))),
  );
}

function instantiate(bytes: Uint8Array): SampleExports {
  const end = (reason: number): never => {
    throw new Error(`ended for reason ${reason}`);
  };
  const instance = new webAssembly.Instance(new webAssembly.Module(bytes), { p8e: { end } });
  return instance.exports as SampleExports;
}
