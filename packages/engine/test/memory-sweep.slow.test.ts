import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { it } from "node:test";
import { fileURLToPath } from "node:url";
import { abiLimits, buildContract, type LoadIndex } from "@p8e/contract";
import { openSandbox } from "@p8e/engine";
import { type GuestAnswer, imageOfBundle, startGuest } from "../src/sandbox/guest.ts";
import { compileInterpreter } from "../src/sandbox/interpreter-build.ts";
import { text } from "./packaged-contract.ts";

const prelude = readFileSync(new URL("../src/sandbox/prelude.js", import.meta.url), "utf8");
const entry = fileURLToPath(new URL("fixtures/servicing.ts", import.meta.url));

// In this process on purpose: a fault of the interpreter would end the test, not be reported by a thread.
it("memory that runs out anywhere, while loading, decoding or running, is out of memory and nothing else", async () => {
  await using sandbox = openSandbox();
  const { bundle } = await buildContract({ entry, describe: (bytes) => sandbox.describe(bytes) });
  const build = { wasm: compileInterpreter(), prelude };
  const [terms, event] = [text("t".repeat(20_000)), text("e".repeat(20_000))];
  const index: LoadIndex = {
    startedAt: { seconds: "1", nanos: 0 },
    records: [["terms", 0, terms.length]],
    inputs: [["event", terms.length, event.length]],
  };
  const payload = Buffer.concat([terms, event]);

  const run = async (memoryBytes: number): Promise<GuestAnswer> => {
    const limits = { ...abiLimits, memoryBytes };
    const loaded = imageOfBundle(build, limits, bundle);
    if ("failure" in loaded) return { kind: "failure", failure: loaded.failure, fuel: 0 };
    const guest = startGuest(build, limits, loaded.image);
    const load = guest.load(index, payload);
    return load.kind === "failure" ? load : guest.call("appendEvent");
  };
  const seen: Record<string, number> = {};
  // Below it the bundle does not load.
  for (let memoryBytes = 1_000_000; memoryBytes < 2_000_000; memoryBytes += 10_001) {
    const answer = await run(memoryBytes);
    const result = answer.kind === "value" ? "value" : answer.failure.code;
    seen[result] = (seen[result] ?? 0) + 1;
  }
  assert.deepEqual(Object.keys(seen).sort(), ["contract.out_of_memory", "value"]);
});
