// That fuzzing sees what it is to see; the fuzzing itself is `npm run fuzz`.
import assert from "node:assert/strict";
import { basename } from "node:path";
import { it } from "node:test";
import { isP8eError } from "@p8e/core";
import { decodeMessage, messageBytesFromJson } from "@p8e/decoding";
import { Coverage } from "../fuzz/coverage.ts";
import { functionDoor } from "../fuzz/door.ts";
import { messageBytes, messageJson } from "../fuzz/grammar.ts";
import { mutated } from "../fuzz/mutate.ts";
import { probe, probeTypes } from "../fuzz/probe-types.ts";
import { Random } from "../fuzz/random.ts";
import { files, read } from "./support/sources.ts";

const accepted = (work: () => unknown): boolean => {
  try {
    work();
    return true;
  } catch (error) {
    if (!isP8eError(error)) throw error;
    return false;
  }
};

it("a grammar makes messages that are taken and ones that are refused, the same again by the same seed", () => {
  const random = new Random(1);
  const made = Array.from({ length: 300 }, () => messageBytes(random, probe, { bytesMax: 1000 }));
  const taken = made.filter((bytes) => accepted(() => decodeMessage(probe, bytes, { what: "it" }))).length;
  assert.ok(taken > 50 && taken < 290, String(taken));
  const again = new Random(1);
  assert.deepEqual(
    made,
    Array.from({ length: 300 }, () => messageBytes(again, probe, { bytesMax: 1000 })),
  );
  const texts = Array.from({ length: 300 }, () => messageJson(random, probe));
  const read = texts.filter((text) => accepted(() => messageBytesFromJson(probe, text, probeTypes, { what: "it" })));
  assert.ok(read.length > 20 && read.length < 290, String(read.length));
});

it("coverage names blocks that run for the first time, and which inputs run them", () => {
  const coverage = new Coverage();
  const decode = (...bytes: number[]) => accepted(() => decodeMessage(probe, Uint8Array.from(bytes), { what: "it" }));
  coverage.take();
  decode(0x52, 1, 0x61);
  assert.ok(coverage.take().size > 0);
  decode(0x52, 1, 0x61);
  coverage.take();
  decode(0x52, 5, 0x61);
  const fresh = coverage.take();
  assert.ok(fresh.size > 0);
  decode(0x52, 1, 0x61);
  assert.ok(coverage.among(fresh).size < fresh.size);
  decode(0x52, 5, 0x61);
  assert.ok(coverage.among(fresh).size > 0);
});

it("what is made of earlier inputs is no longer than the door takes", () => {
  const door = functionDoor({ seeds: [], bytesMax: 500, words: ["name"], run: () => undefined });
  const random = new Random(2);
  const corpus = [new Uint8Array(0), new Uint8Array(400).fill(7)];
  for (let turn = 0; turn < 2000; turn++) assert.ok(mutated(random, corpus, door).length <= 500);
});

it("every door stands in the list that is fuzzed, and on the page", () => {
  const doors = files(["fuzz/doors/*.ts"]).map((file) => basename(file, ".ts"));
  const run = read("fuzz/run.ts");
  const listed = run.slice(run.indexOf("const doors = {"), run.indexOf("} as const satisfies"));
  const page = read("docs/protocol/fuzzing.md");
  const rows = page.split("\n").filter((line) => line.startsWith("| `"));
  for (const door of doors) {
    assert.match(listed, new RegExp(`^ {2}"?${door}"?: \\{`, "m"), door);
    assert.ok(
      rows.some((row) => row.split(" | ")[0]!.includes(`\`${door}\``)),
      door,
    );
  }
  assert.equal(listed.match(/heapMib:/g)?.length, doors.length);
});
