import assert from "node:assert/strict";
import { after, describe, it } from "node:test";
import { openSandbox } from "@p8e/engine";
import { attack, bundleOf, codeOf, nothing } from "./hostile-bundle.ts";

const sandbox = openSandbox();
after(() => sandbox[Symbol.asyncDispose]());

/** The text a guest expression gives. */
async function evaluate(expression: string, top = ""): Promise<string> {
  const outcome = await attack(sandbox, `return new TextEncoder().encode(String(${expression}));`, top);
  if (outcome.kind === "failure") return `${outcome.failure.code}: ${outcome.failure.message}`;
  return new TextDecoder().decode(outcome.output);
}

describe("what a contract must not have", () => {
  const touched: Record<string, string> = {
    "fetch('https://example.com')": "fetch",
    fetch: "fetch",
    "new globalThis.Function('fetch()')()": "fetch",
    "process.exit()": "process",
    "process.env.HOME": "process",
    "new Date()": "Date",
    "Date.now()": "Date",
    "[] instanceof Date": "Date",
    "Math.random()": "Math.random",
    "Math['ran' + 'dom']()": "Math.random",
    "performance.now()": "performance",
    "crypto.getRandomValues(new Uint8Array(1))": "crypto",
    "require('node:fs')": "require",
    "setTimeout(() => {}, 0)": "setTimeout",
    "setInterval(() => {}, 0)": "setInterval",
    "queueMicrotask(() => {})": "queueMicrotask",
    "console.log('x')": "console",
    "new WeakRef({})": "WeakRef",
    "new FinalizationRegistry(() => {})": "FinalizationRegistry",
    "new SharedArrayBuffer(8)": "SharedArrayBuffer",
    "Atomics.wait": "Atomics",
    "WebAssembly.Module": "WebAssembly",
    "new Intl.NumberFormat()": "Intl",
    "'a'.localeCompare('b')": "String.prototype.localeCompare",
    "'a'.toLocaleUpperCase()": "String.prototype.toLocaleUpperCase",
    "(1).toLocaleString()": "Number.prototype.toLocaleString",
    "[1].toLocaleString()": "Array.prototype.toLocaleString",
    "new Uint8Array(1).toLocaleString()": "TypedArray.prototype.toLocaleString",
    "1n.toLocaleString()": "BigInt.prototype.toLocaleString",
    "({}).toLocaleString()": "Object.prototype.toLocaleString",
    "new Function('return fetch')()": "fetch",
    "(0, eval)('process')": "process",
    "(() => {}).constructor('return Date')()": "Date",
    "(async () => {}).constructor('return 1') && Deno": "Deno",
  };
  for (const [expression, name] of Object.entries(touched)) {
    it(`is refused by name: ${expression}`, async () => {
      const outcome = await attack(sandbox, `return ${expression};`);
      assert.ok(outcome.kind === "failure");
      assert.equal(outcome.failure.code, "contract.no_authority");
      assert.deepEqual(outcome.failure.facts, { name });
    });
  }

  it("is simply not there for whoever asks first: typeof, a property of the global object, a method's name", async () => {
    for (const [expression, value] of [
      ["typeof fetch", "undefined"],
      ["typeof process === 'object' && process.env", "false"],
      ["globalThis.crypto?.randomUUID", "undefined"],
      ["'Date' in globalThis", "false"],
      ["typeof performance + typeof DOMException + typeof SharedArrayBuffer + typeof WeakRef", "undefined".repeat(4)],
      ["typeof Math.random + typeof ''.localeCompare", "functionfunction"],
      ["typeof new ArrayBuffer(8, { maxByteLength: 16 }).resize", "undefined"],
    ] as const) {
      assert.equal(await evaluate(expression), value, expression);
    }
  });

  it("is refused while the bundle loads, too", async () => {
    await assert.rejects(sandbox.run(bundleOf("", "const now = Date.now();"), nothing), {
      code: "contract.no_authority",
      facts: { name: "Date", step: "load bundle", error: "NoAuthority", message: "a contract has no Date" },
    });
  });

  it("cannot be put back", async () => {
    for (const attempt of [
      "Object.defineProperty(globalThis, 'fetch', { value: 1 })",
      "globalThis.fetch = () => 1",
      "Math.random = () => 4",
      "delete globalThis.fetch",
      "Reflect.defineProperty(globalThis, 'Date', { value: 1 }) || null.x",
    ]) {
      assert.match(await codeOf(sandbox, attempt), /^contract\.(failed|no_authority)$/, attempt);
    }
  });

  it("cannot be forged: only the sandbox's own refusals count as such", async () => {
    const outcome = await attack(
      sandbox,
      "throw Object.assign(new Error('a contract has no fetch'), { name: 'NoAuthority', denied: 'fetch' });",
    );
    assert.equal(outcome.kind === "failure" && outcome.failure.code, "contract.failed");
  });

  it("includes imports of every kind", async () => {
    await assert.rejects(sandbox.run(bundleOf("", "import fs from 'node:fs';"), nothing), { code: "contract.failed" });
    assert.equal(await evaluate("import('node:fs')"), "[object Promise]");
    await assert.rejects(sandbox.run(bundleOf("", "await import('node:fs');"), nothing), { code: "contract.failed" });
  });

  it("includes every name that is not ECMAScript's own", async () => {
    const names = await evaluate(`Object.getOwnPropertyNames(globalThis).filter((name) => {
      try { return globalThis[name] !== undefined || name === "undefined"; } catch { return false; }
    }).sort().join(" ")`);
    assert.equal(
      names,
      "AggregateError Array ArrayBuffer BigInt BigInt64Array BigUint64Array Boolean DataView Error EvalError " +
        "Float16Array Float32Array Float64Array Function Infinity Int16Array Int32Array Int8Array InternalError " +
        "Iterator JSON Map Math NaN Number Object Promise Proxy RangeError ReferenceError Reflect RegExp Set String " +
        "Symbol SyntaxError TextDecoder TextEncoder TypeError URIError Uint16Array Uint32Array Uint8Array " +
        "Uint8ClampedArray WeakMap WeakSet decodeURI decodeURIComponent encodeURI encodeURIComponent escape eval " +
        "globalThis isFinite isNaN parseFloat parseInt undefined unescape",
    );
  });
});

describe("built-in objects", () => {
  it("cannot be changed", async () => {
    for (const attempt of [
      "Object.prototype.polluted = 1",
      "({}).__proto__.polluted = 1",
      "Array.prototype.push = () => 1",
      "Uint8Array.prototype.set = () => 1",
      "Object.getPrototypeOf([].values()).next = () => 1",
      "(function* () {}).constructor.prototype.x = 1",
      "Error.prototype.message = 'x'",
      "Object.prototype.toString = () => 1",
      "globalThis.leak = 1",
      "JSON.stringify = () => 1",
      "Object.setPrototypeOf(Array.prototype, {})",
      "TextEncoder.prototype.encode = () => 1",
    ]) {
      assert.equal(await codeOf(sandbox, attempt), "contract.failed", attempt);
    }
    assert.equal(await evaluate("({}).polluted"), "undefined");
  });

  it("still let objects have properties of the same names", async () => {
    assert.equal(await evaluate("Object.assign({}, { toString: () => 'own' })"), "own");
    assert.equal(
      await evaluate("(() => { const o = {}; o.constructor = 1; o.hasOwnProperty = 2; return JSON.stringify(o); })()"),
      '{"constructor":1,"hasOwnProperty":2}',
    );
    assert.equal(
      await evaluate("new Mine()", "class Mine extends Error { constructor() { super('why'); this.name = 'Mine'; } }"),
      "Mine: why",
    );
  });

  it("work within the contract: eval, Function, regular expressions, sorting, big integers", async () => {
    assert.equal(await evaluate("new Function('a', 'return a * 2')(21)"), "42");
    assert.equal(await evaluate("[3, 1, 2].sort().join()"), "1,2,3");
    assert.equal(await evaluate("'a-b'.replace(/-/g, '+') + 2n ** 70n"), "a+b1180591620717411303424");
  });
});

describe("jobs of promises", () => {
  it("never run", async () => {
    assert.equal(
      await evaluate("seen", "let seen = 'before'; Promise.resolve().then(() => { seen = 'after'; });"),
      "before",
    );
    const { outcomes } = await sandbox.run(
      bundleOf(
        "const shown = seen; Promise.resolve().then(() => { seen = 'after'; }); return new TextEncoder().encode(shown);",
        "let seen = 'before';",
      ),
      { ...nothing, calls: ["a", "b"] },
    );
    assert.deepEqual(
      outcomes.map((outcome) => outcome.kind === "output" && new TextDecoder().decode(outcome.output)),
      ["before", "before"],
    );
  });
});

describe("what a function gives", () => {
  const refusedOutputs: Record<string, string> = {
    nothing: "return;",
    "a text": "return 'x';",
    "a number": "return 7;",
    "an array": "return [1, 2];",
    "a buffer": "return new ArrayBuffer(1);",
    "a view of floats": "return new Float64Array(1);",
    "a promise": "return Promise.resolve(new Uint8Array(1));",
    "a proxy of bytes": "return new Proxy(new Uint8Array(1), {});",
    "an object that pretends": "return { __proto__: Uint8Array.prototype, length: 5, byteLength: 5 };",
    "a function": "return () => {};",
    "a symbol": "return Symbol('x');",
  };
  for (const [what, call] of Object.entries(refusedOutputs)) {
    it(`must be bytes: ${what} is refused`, async () => {
      assert.equal(await codeOf(sandbox, call), "contract.failed");
    });
  }

  it("is a copy of the bytes seen, whatever subclass or view they are in", async () => {
    const outcome = await attack(
      sandbox,
      "class Sly extends Uint8Array { get length() { return 1e9; } } return new Sly([1, 2, 3]).subarray(1);",
    );
    assert.deepEqual(outcome.kind === "output" && [...outcome.output], [2, 3]);
    const empty = await attack(sandbox, "return new Uint8Array(0);");
    assert.deepEqual(empty.kind === "output" && [...empty.output], []);
  });
});

describe("what a function throws", () => {
  const thrown: Record<string, readonly [call: string, name: string, message: string]> = {
    "an error": ["throw new RangeError('too far');", "RangeError", "too far"],
    "a text": ["throw 'just so';", "thrown value", "just so"],
    null: ["throw null;", "thrown value", "null"],
    undefined: ["throw undefined;", "thrown value", "undefined"],
    "a symbol": ["throw Symbol('s');", "thrown value", "a symbol"],
    "an empty object": ["throw {};", "thrown value", ""],
    "an object without prototype": ["throw Object.create(null);", "thrown value", ""],
    "a proxy that throws": ["throw new Proxy({}, { get() { throw 1; } });", "thrown value", ""],
    "a revoked proxy": ["const r = Proxy.revocable({}, {}); r.revoke(); throw r.proxy;", "thrown value", ""],
    "a function": ["throw function boom() {};", "boom", ""],
    "an error with hostile fields": [
      "throw { name: { toString() { throw 1; } }, message: 7, rule: 'r', field: {} };",
      "thrown value",
      "",
    ],
    "a surrogate half": ["throw new Error('\\ud800');", "Error", "\ud800"],
  };
  for (const [what, [call, name, message]] of Object.entries(thrown)) {
    it(`is a failure with class and message: ${what}`, async () => {
      const outcome = await attack(sandbox, call);
      assert.ok(outcome.kind === "failure");
      assert.deepEqual(
        [outcome.failure.code, outcome.failure.name, outcome.failure.message, outcome.failure.facts],
        ["contract.failed", name, message, {}],
      );
    });
  }

  it("is cut at 1000 characters", async () => {
    const outcome = await attack(sandbox, "throw new Error('x'.repeat(10000000));");
    assert.equal(outcome.kind === "failure" && outcome.failure.message, "x".repeat(1000));
  });

  it("carries rule and field of a refused rule", async () => {
    const outcome = await attack(
      sandbox,
      "throw Object.assign(new Error('must be positive'), { name: 'RuleViolation', rule: 'positive', field: 'loan.amount' });",
    );
    assert.ok(outcome.kind === "failure");
    assert.equal(outcome.failure.code, "contract.failed");
    assert.deepEqual(outcome.failure.facts, { rule: "positive", field: "loan.amount" });
  });
});

describe("a bundle", () => {
  it("is asked for three functions", async () => {
    const { bundleHeaderLine } = await import("@p8e/contract");
    const bundle = new TextEncoder().encode(`${bundleHeaderLine("test.None")}export const describe = 1;`);
    await assert.rejects(sandbox.run(bundle, nothing), {
      code: "contract.failed",
      facts: { step: "load bundle", error: "TypeError", message: "a bundle exports describe, load and call" },
    });
  });

  it("that is a JVM archive is not run", async () => {
    await assert.rejects(sandbox.describe(Uint8Array.of(0x50, 0x4b, 3, 4, 0)), { code: "session.not_supported" });
  });

  it("of another ABI version is not run", async () => {
    for (const [abi, hint] of [
      [1, "Its interpreter is gone: build the contract again with this p8e and publish it."],
      [3, "Use a newer p8e."],
    ] as const) {
      const bundle = new TextEncoder().encode(`// p8e-contract abi=${abi} class=test.Other\n`);
      await assert.rejects(sandbox.describe(bundle), {
        code: "session.not_supported",
        facts: { abi, supported: 2 },
        hint,
      });
    }
  });

  it("of an earlier ABI version still says what it is to who checks what was signed with it, and is not run", async () => {
    const older = new TextEncoder().encode(new TextDecoder().decode(bundleOf("return 1;")).replace("abi=2", "abi=1"));
    assert.equal(await sandbox.describe(older, { older: true }), "{}");
    await assert.rejects(sandbox.run(older, nothing), {
      code: "session.not_supported",
      facts: { abi: 1, supported: 2 },
    });
  });

  it("has its own interpreter in each run: nothing stays", async () => {
    const count = bundleOf("return Uint8Array.of(++n);", "let n = 0;");
    for (const _ of [1, 2]) {
      const { outcomes } = await sandbox.run(count, { ...nothing, calls: ["a", "b"] });
      assert.deepEqual(
        outcomes.map((outcome) => outcome.kind === "output" && outcome.output[0]),
        [1, 2],
      );
    }
  });
});
