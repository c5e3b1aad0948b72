import assert from "node:assert/strict";
import { it } from "node:test";
import { openSandbox } from "@p8e/engine";
import { attack } from "../../packages/engine/test/hostile-bundle.ts";

it("a contract's buffer keeps the size it was made with: no view can outlive its memory", async () => {
  await using sandbox = openSandbox();
  const attempts = {
    with: "const t = new Uint8Array(ab); t.fill(1); return t.with(0, { valueOf() { ab.resize(8); return 7; } });",
    constructor: `const target = function () {}.bind();
      Object.defineProperty(target, "prototype", { get() { ab.resize(0); return Uint8Array.prototype; } });
      return Reflect.construct(Uint8Array, [ab], target);`,
    transfer: "const t = new Uint8Array(ab); ab.transfer(16); return t;",
    transferToFixedLength: "const t = new Uint8Array(ab); ab.transferToFixedLength(); return t;",
    "through another realm's function": "return ab.constructor.prototype.resize.call(ab, 8);",
  };
  for (const [what, body] of Object.entries(attempts)) {
    const outcome = await attack(sandbox, `const ab = new ArrayBuffer(4096, { maxByteLength: 65536 }); ${body}`);
    assert.equal(outcome.kind === "failure" && outcome.failure.code, "contract.failed", what);
    assert.equal(outcome.kind === "failure" && outcome.failure.name, "TypeError", what);
  }
  const outcome = await attack(
    sandbox,
    "return Uint8Array.of(...new Uint8Array(new ArrayBuffer(3, { maxByteLength: 9 })))",
  );
  assert.deepEqual(outcome.kind === "output" && [...outcome.output], [0, 0, 0]);
});
