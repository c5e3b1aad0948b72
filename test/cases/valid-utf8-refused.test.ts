import assert from "node:assert/strict";
import { it } from "node:test";
import { openSandbox } from "@p8e/engine";
import { bundleOf, nothing } from "../../packages/engine/test/hostile-bundle.ts";

const MIB = 2 ** 20;
/** A value is a text that the function gives back. */
const echo = bundleOf(`const [index, payload] = globalLoad;
  const text = new TextDecoder().decode(new Uint8Array(payload));
  return new TextEncoder().encode(text);`);

it("a valid text is decoded whatever its letters are, also where it takes most of the memory", async () => {
  await using sandbox = openSandbox({ limits: { memoryBytes: 8 * MIB } });
  for (const letter of ["a", "ä", "漢", "🏠"]) {
    const value = Buffer.from(letter.repeat(Math.floor((1.5 * MIB) / Buffer.byteLength(letter))));
    const { outcomes } = await sandbox.run(echo, { ...nothing, inputs: [["text", value]] });
    const outcome = outcomes[0]!;
    assert.ok(outcome.kind === "output", letter);
    assert.ok(value.equals(outcome.output), letter);
  }
});

it("memory that does not suffice for a text is called that, decoding and encoding", async () => {
  await using sandbox = openSandbox({ limits: { memoryBytes: 8 * MIB } });
  for (const letter of ["a", "ä", "漢", "🏠"]) {
    const value = Buffer.from(letter.repeat(Math.floor((6 * MIB) / Buffer.byteLength(letter))));
    const { outcomes } = await sandbox.run(echo, { ...nothing, inputs: [["text", value]] });
    const outcome = outcomes[0]!;
    assert.equal(outcome.kind === "failure" && outcome.failure.code, "contract.out_of_memory", letter);
  }
});

it("bytes that are no UTF-8 are still refused", async () => {
  await using sandbox = openSandbox();
  const odd = [
    "ff",
    "c080",
    "c1bf",
    "e0809f",
    "eda080",
    "edbfbf",
    "f08fbfbf",
    "f4908080",
    "f5808080",
    "e282",
    "61c3",
    "80",
  ];
  for (const hex of odd) {
    const { outcomes } = await sandbox.run(echo, { ...nothing, inputs: [["text", Buffer.from(hex, "hex")]] });
    const outcome = outcomes[0]!;
    assert.equal(outcome.kind === "failure" && outcome.failure.message, "these bytes are not UTF-8", hex);
  }
});
