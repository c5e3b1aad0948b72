import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { it } from "node:test";
import { fileURLToPath } from "node:url";

it("fuel and the depth at which recursion ends are the same in both compilers of V8, below the host's stack", () => {
  const script = fileURLToPath(new URL("fixtures/fuel-of-work.ts", import.meta.url));
  const run = (...flags: string[]): string => {
    const done = spawnSync(process.execPath, [...flags, script], { encoding: "utf8", timeout: 600_000 });
    assert.equal(done.status, 0, done.stderr);
    return done.stdout;
  };
  const baseline = run("--liftoff", "--no-wasm-tier-up");
  assert.equal(run("--no-liftoff"), baseline);
  assert.doesNotMatch(baseline, /broken/);
  assert.equal(baseline.match(/contract\.stack_overflow/g)?.length, 40);
});
