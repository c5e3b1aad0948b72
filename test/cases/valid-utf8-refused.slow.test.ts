import assert from "node:assert/strict";
import { it } from "node:test";
import { openSandbox } from "@p8e/engine";
import { bundleOf, nothing } from "../../packages/engine/test/hostile-bundle.ts";

const MIB = 2 ** 20;
/** A value is a text that the function gives back. */
const echo = bundleOf(`const [index, payload] = globalLoad;
  const text = new TextDecoder().decode(new Uint8Array(payload));
  return new TextEncoder().encode(text);`);

it("a valid text is decoded whatever its letters are, up to the limit of inputs", async () => {
  await using sandbox = openSandbox();
  for (const letter of ["a", "ä", "漢", "🏠"]) {
    const value = Buffer.from(letter.repeat(Math.floor((15 * MIB) / Buffer.byteLength(letter))));
    const { outcomes } = await sandbox.run(echo, { ...nothing, inputs: [["text", value]] });
    const outcome = outcomes[0]!;
    assert.ok(outcome.kind === "output", letter);
    assert.ok(value.equals(outcome.output), letter);
  }
});
