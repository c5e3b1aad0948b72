import assert from "node:assert/strict";
import { after, describe, it } from "node:test";
import { abiLimits } from "@p8e/contract";
import { openSandbox } from "@p8e/engine";
import { compileInterpreter, readPrelude } from "../src/sandbox/interpreter-build.ts";
import { startSandboxWorker } from "../src/sandbox/sandbox-worker.ts";
import type { ExecutionRequest } from "../src/sandbox/worker-protocol.ts";
import { attack, bundleOf, codeOf, nothing } from "./hostile-bundle.ts";

const MIB = 2 ** 20;
const FUEL = 200_000_000;
const limits = { memoryBytes: 24 * MIB, outputBytes: MIB };
/** Fuel that other limits come before, and little fuel. */
const sandbox = openSandbox({ limits: { ...limits, fuel: 10_000_000_000, loadFuel: 10_000_000_000 } });
const frugal = openSandbox({ limits: { ...limits, fuel: FUEL, loadFuel: FUEL } });
after(() => Promise.all([sandbox, frugal].map((one) => one[Symbol.asyncDispose]())));

const stillWell = async (after = sandbox) => {
  const outcome = await attack(after, "return new Uint8Array([7])");
  assert.deepEqual(outcome.kind === "output" && [...outcome.output], [7]);
};

const attacks: Record<string, readonly [call: string, code: string]> = {
  "a loop without end": ["for (;;);", "contract.out_of_fuel"],
  "a recursion that is a loop": ["const f = (n) => n === 0 ? 0 : f(n - 1); for (;;) f(10);", "contract.out_of_fuel"],
  "a loop that swallows what stops it": [
    "for (;;) { try { for (;;); } catch {} finally { continue; } }",
    "contract.out_of_fuel",
  ],
  "a loop inside an async function, which would swallow an error": [
    "for (;;) (async () => { for (;;); })();",
    "contract.out_of_fuel",
  ],
  "a generator without end": ["for (const x of (function* () { for (;;) yield 1; })());", "contract.out_of_fuel"],
  "a getter without end on the result": [
    "return new Proxy(new Uint8Array(1), { get() { for (;;); }, getPrototypeOf() { for (;;); } });",
    "contract.failed",
  ],
  "an error whose message never ends": ["throw { get message() { for (;;); } };", "contract.out_of_fuel"],
  "an error that is a trap": [
    "throw new Proxy({}, { get() { for (;;); }, getPrototypeOf() { for (;;); } });",
    "contract.out_of_fuel",
  ],
  "a regular expression that backtracks for ever": [
    "return /^(a+)+$/.test('a'.repeat(60) + 'b');",
    "contract.out_of_fuel",
  ],
  "objects without end": ["const all = []; for (;;) all.push({ a: 1 });", "contract.out_of_memory"],
  "buffers without end": ["const all = []; for (;;) all.push(new ArrayBuffer(1 << 20));", "contract.out_of_memory"],
  "one buffer of 1 GiB": ["return new Uint8Array(1 << 30);", "contract.out_of_memory"],
  "a text that doubles": ["let text = 'ab'; for (;;) text += text;", "contract.out_of_memory"],
  "a text that doubles and is used": [
    "let text = 'ab'; for (;;) { text += text; text.charCodeAt(1); }",
    "contract.out_of_memory",
  ],
  "a text repeated": ["return 'abcdefgh'.repeat(1 << 26);", "contract.out_of_memory"],
  "an array of 2^32-1 and its join": ["return new Array(2 ** 31).fill(0).join();", "contract.out_of_memory"],
  "closures without end": ["let f = () => 0; for (;;) { const g = f; f = () => g; }", "contract.out_of_memory"],
  "promises without end": ["for (;;) Promise.resolve().then(() => {});", "contract.out_of_memory"],
  "deep recursion": ["const f = () => 1 + f(); return f();", "contract.stack_overflow"],
  "deep recursion through a native function": ["const f = () => [1, 2].map(f); return f();", "contract.stack_overflow"],
  "deep recursion through sorting": ["const f = () => [2, 1].sort(f); return f();", "contract.stack_overflow"],
  "deep recursion through a getter": ["const o = { get a() { return o.a; } }; return o.a;", "contract.stack_overflow"],
  "deep recursion through a proxy": [
    "let p = {}; for (let i = 0; i < 100000; i++) p = new Proxy(p, {}); return p.x;",
    "contract.stack_overflow",
  ],
  "deep recursion through toString": [
    "const o = { toString: () => String(o) }; return String(o);",
    "contract.stack_overflow",
  ],
  "deep recursion through JSON": ["return JSON.parse('['.repeat(100000));", "contract.stack_overflow"],
  "deep recursion through toJSON": [
    "const o = { toJSON: () => JSON.stringify(o) }; return JSON.stringify(o);",
    "contract.stack_overflow",
  ],
  "deep recursion through replace": ["const f = () => 'a'.replace('a', f); return f();", "contract.stack_overflow"],
  "deep recursion through Reflect.apply": [
    "const f = () => Reflect.apply(f, null, []) + 1; return f();",
    "contract.stack_overflow",
  ],
  "functions bound without end": ["let f = () => 1; for (;;) f = f.bind(null);", "contract.out_of_memory"],
  "deep recursion through new": ["class A { constructor() { new A(); } } new A();", "contract.stack_overflow"],
  "deep recursion through spreading": ["const f = (...a) => f(...a, 1); return f();", "contract.stack_overflow"],
  "deep source text": ["return eval('['.repeat(100000));", "contract.stack_overflow"],
  "a deep regular expression": ["return new RegExp('('.repeat(100000) + ')'.repeat(100000));", "contract.failed"],
  "too large an output": ["return new Uint8Array((1 << 20) + 1);", "contract.output_too_large"],
};

describe("a contract that breaks a limit", () => {
  for (const [what, [call, code]] of Object.entries(attacks)) {
    it(`is stopped with ${code}, and the host goes on: ${what}`, async () => {
      const one = code === "contract.out_of_fuel" ? frugal : sandbox;
      assert.equal(await codeOf(one, call), code);
      await stillWell(one);
    });
  }

  it("is stopped while it loads, too", async () => {
    assert.equal(await codeOf(frugal, "", "for (;;);"), "thrown contract.out_of_fuel");
    assert.equal(await codeOf(sandbox, "", "const a = []; for (;;) a.push([]);"), "thrown contract.out_of_memory");
    assert.equal(await codeOf(sandbox, "", "const f = () => f() + 1; f();"), "thrown contract.stack_overflow");
    await stillWell();
  });

  it("names the limit of fuel", async () => {
    const outcome = await attack(frugal, "for (;;);");
    assert.deepEqual(outcome.kind === "failure" && outcome.failure.facts, { fuel: FUEL });
  });

  it("ends the run: later functions are not called", async () => {
    const { outcomes } = await frugal.run(bundleOf("if (name === 'b') for (;;); return new Uint8Array([1]);"), {
      ...nothing,
      calls: ["a", "b", "c"],
    });
    assert.deepEqual(
      outcomes.map((outcome) => [outcome.name, outcome.kind]),
      [
        ["a", "output"],
        ["b", "failure"],
      ],
    );
  });

  it("has one budget of fuel for all its functions together, and what they took adds up to it", async () => {
    const half = "let n = 0; while (n < 600000) n++; return new Uint8Array(1);";
    const { outcomes, loadFuel } = await frugal.run(bundleOf(half), { ...nothing, calls: ["a", "b", "c"] });
    assert.deepEqual(
      outcomes.map((outcome) => (outcome.kind === "output" ? outcome.kind : outcome.failure.code)),
      ["output", "contract.out_of_fuel"],
    );
    assert.equal(
      outcomes.reduce((sum, outcome) => sum + outcome.fuel, loadFuel),
      FUEL,
    );
  });
});

describe("wall clock", () => {
  it("is an error of the host, never an outcome, also where no fuel is counted; the next run gets a new thread", async () => {
    await using slow = openSandbox({ workers: 3, timeoutMs: 3_000, limits: { fuel: Number.MAX_SAFE_INTEGER } });
    const endless = ["for (;;);", "new Array(4294967295).indexOf(1)", "const n = 2n ** 500000n - 1n; for (;;) n * n"];
    await Promise.all(
      endless.map((call) =>
        assert.rejects(slow.run(bundleOf(call), nothing), { code: "contract.timeout", facts: { timeoutMs: 3_000 } }),
      ),
    );
    assert.equal(await codeOf(slow, "return new Uint8Array(1)"), "output");
  });

  it("does not run while a request waits for its turn", async () => {
    await using one = openSandbox({ workers: 1, timeoutMs: 20_000 });
    const busy = "let n = 0; while (n < 3000000) n++; return new Uint8Array(1);";
    const codes = await Promise.all([1, 2, 3, 4].map(() => codeOf(one, busy)));
    assert.deepEqual(codes, ["output", "output", "output", "output"]);
  });

  it("can be ended early by the caller, running or waiting", async () => {
    await using one = openSandbox({ workers: 1, limits: { fuel: Number.MAX_SAFE_INTEGER } });
    const running = new AbortController();
    const waiting = new AbortController();
    const first = assert.rejects(one.run(bundleOf("for (;;);"), nothing, { signal: running.signal }), {
      code: "rpc.cancelled",
    });
    const second = assert.rejects(one.run(bundleOf("for (;;);"), nothing, { signal: waiting.signal }), {
      code: "rpc.cancelled",
    });
    waiting.abort();
    await second;
    running.abort();
    await first;
    await assert.rejects(one.run(bundleOf(""), nothing, { signal: AbortSignal.abort() }), { code: "rpc.cancelled" });
    assert.equal(await codeOf(one, "return new Uint8Array(1)"), "output");
  });
});

describe("a thread's own heap", () => {
  it("that is too small ends the thread and not the process, and nothing was judged; another thread answers", async () => {
    const start = { wasm: compileInterpreter(), prelude: readPrelude(), limits: abiLimits };
    const bundle = bundleOf("return new Uint8Array(1)");
    // Many more than any contract has: the host bounds what comes this far.
    const records = Array.from({ length: 300_000 }, (_, index) => [`record ${index}`, new Uint8Array(1)] as const);
    const ask = (heapMib: number, execution?: ExecutionRequest) => {
      const worker = startSandboxWorker(start, heapMib);
      const asked = worker.ask({ bundleKey: "one", bundle, execution }, { timeoutMs: 60_000 });
      return asked.finally(() => worker.stop());
    };
    await assert.rejects(ask(16, { ...nothing, records }), {
      code: "internal.unexpected",
      message: "the sandbox broke down while it ran the contract",
      hint: "The contract was not judged; nothing was recorded.",
    });
    assert.equal((await ask(16)).kind, "described");
  });
});
