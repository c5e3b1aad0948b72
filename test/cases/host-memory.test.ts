// What a stranger sent ends no process and takes no more time or memory than it is given: the cases host-memory-by-evidence
// and untyped-error-type-chain, smaller and in a process with a small heap. The slow test has the others.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { attempt, inChild } from "./support/child.ts";
import { loading } from "./support/loading.ts";

describe("host-memory-by-evidence", () => {
  it("refuses evidence of many empty parts, before anything is made of it", async () => {
    const { code, stdout, stderr } = await inChild(
      `${attempt}
      import { decodeEvidence } from "./packages/sdk/src/session/evidence.ts";
      const lengthOf = (n) => n < 128 ? [n] : [(n & 127) | 128, ...lengthOf(n >>> 7)];
      const of = (count) => { const head = [0x12, ...lengthOf(2 * count)]; const bytes = new Uint8Array(head.length + 2 * count); bytes.set(head); for (let i = head.length; i < bytes.length; i += 2) bytes[i] = 0x32; return bytes; };
      await attempt(() => decodeEvidence(of(2_000_000)));
      await attempt(() => decodeEvidence(of(40_000_000)));
      await attempt(() => decodeEvidence(of(1000)).contract.considerations.length);`,
    );
    assert.equal(code, 0, stderr);
    const [first, second, third] = stdout.split("\n");
    assert.match(first!, /^input\.too_large .*"field":"contract\.considerations"/);
    assert.match(second!, /^input\.too_large .*"of":"bytes"/);
    assert.equal(third, "value 1000");
  });
});

describe("untyped-error-type-chain", () => {
  it("refuses a chain of types that would end in the host's stack, and takes a long one", async () => {
    const { code, stdout, stderr } = await inChild(
      `${loading}
      const chain = (length) => describing({ name: "x.proto", package: "x", syntax: "proto3", messageType: [
        { name: "Out", field: [{ name: "a", number: 1, label: L.OPTIONAL, type: T.MESSAGE, typeName: ".x.M1" }] },
        ...Array.from({ length: length - 1 }, (_, i) => ({ name: "M" + (i + 1), field: i + 2 < length ? [{ name: "a", number: 1, label: L.OPTIONAL, type: T.MESSAGE, typeName: ".x.M" + (i + 2) }] : [] }))] });
      await attempt(async () => (await load(hostileBundle(text(chain(1000))))).manifest.functions.length);
      await attempt(async () => (await load(hostileBundle(text(chain(1001))))).manifest.functions.length);
      await attempt(async () => (await load(hostileBundle(text(chain(6000))))).manifest.functions.length);`,
      { heapMib: 192 },
    );
    assert.equal(code, 0, stderr);
    const [first, ...others] = stdout.trim().split("\n");
    assert.equal(first, "value 1");
    assert.equal(others.length, 2);
    for (const line of others)
      assert.match(line, /^contract\.invalid .*chain of more than 1000 message types begins at x\.Out/);
  });
});
