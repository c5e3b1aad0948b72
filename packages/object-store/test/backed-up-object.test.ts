import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { parseBackedUpObject } from "../src/domain/backed-up-object.ts";

const uuid = "7a0e5d2c-1111-4222-8333-0123456789ab";
const digest = "ab".repeat(32);

function line(changed: Partial<Record<"uuid" | "directory" | "name" | "stored" | "chunk" | "digests", string>> = {}) {
  const { directory = "20260131", name = uuid, stored = "6000", chunk = "2000000", digests = digest } = changed;
  return [changed.uuid ?? uuid, "aGFzaA==", directory, name, "t", "6000", stored, chunk, digests, "2"].join("\t");
}

describe("a line of a backup's list of objects", () => {
  it("tells place, length, checksums and how often the bytes were replaced", () => {
    assert.deepEqual(parseBackedUpObject(line()), {
      uuid,
      ...{ hash: "aGFzaA==", directory: "20260131", name: uuid, inStorage: true, dimeLength: 6000n },
      integrity: { length: 6000, chunkBytes: 2_000_000, digests: Buffer.from(digest, "hex") },
      repairVersion: 2,
    });
    const original = line({ stored: "\\N", chunk: "\\N", digests: "\\N" });
    assert.equal(parseBackedUpObject(original).integrity, undefined);
  });

  for (const [what, text] of [
    ["a name that leads elsewhere", line({ name: "../../etc/passwd" })],
    ["a directory that leads elsewhere", line({ directory: ".." })],
    ["no uuid", line({ uuid: "none" })],
    ["a chunk of more than memory holds", line({ stored: "900000000000", chunk: "900000000000" })],
    ["chunks of nothing", line({ chunk: "0" })],
    ["fewer checksums than chunks", line({ chunk: "1000" })],
    ["a checksum that is none", line({ digests: "x".repeat(64) })],
    ["too few fields", line().slice(0, -2)],
    ["nothing in it", ""],
  ] as const) {
    it(`is refused with ${what}`, () => {
      assert.throws(() => parseBackedUpObject(text), { code: "backup.incomplete" });
    });
  }
});
