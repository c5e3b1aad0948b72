// What a stranger sent ends no process and takes no more time or memory than it is given: the cases host-memory-by-output,
// host-memory-by-evidence, host-memory-by-description, host-time-by-types and untyped-error-type-chain, smaller and in a
// process with a small heap.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { attempt, inChild } from "./support/child.ts";

const imports = `${attempt}
import { FieldDescriptorProto_Label as L, FieldDescriptorProto_Type as T } from "@bufbuild/protobuf/wkt";
import { hashContent } from "@p8e/core";
import { loadContract, openSandbox } from "@p8e/engine";
import { describing, hostileBundle } from "./test/cases/support/hostile-bundle.ts";
const load = async (bundle) => { await using sandbox = openSandbox(); return await loadContract(sandbox, bundle, hashContent(bundle)); };
const text = (description) => JSON.stringify(description);
`;

describe("host-memory-by-output", () => {
  it("refuses an output that would take too much when it is decoded, before it is", async () => {
    const { code, stdout, stderr } = await inChild(
      `${imports}
      import { generatePrivateKey, localKey, signMessage } from "@p8e/crypto";
      import { executeContract } from "@p8e/engine";
      import { packaged } from "./packages/engine/test/packaged-contract.ts";
      const field = (_, i) => ({ name: "f" + i, number: i < 18999 ? i + 1 : i + 1001, label: L.REPEATED, type: T.INT32 });
      const description = describing({ name: "x.proto", package: "x", syntax: "proto3", messageType: [
        { name: "Big", field: Array.from({ length: 10000 }, field) },
        { name: "Out", field: [{ name: "items", number: 1, label: L.REPEATED, type: T.MESSAGE, typeName: ".x.Big" }] } ] });
      const bundle = hostileBundle(text(description), "const u = new Uint8Array(6000); for (let i = 0; i < 6000; i += 2) u[i] = 10; return u;");
      await using sandbox = openSandbox();
      const loaded = await loadContract(sandbox, bundle, hashContent(bundle));
      const key = localKey(generatePrivateKey((length) => new Uint8Array(length).fill(7)));
      const outcome = await executeContract(sandbox, { ...packaged(loaded, {}), loaded, sign: (bytes) => signMessage(key, bytes) });
      console.log(outcome.kind, outcome.failure?.code, outcome.failure?.facts.field);`,
      { heapMib: 192 },
    );
    assert.equal(code, 0, stderr);
    assert.equal(stdout, "failed contract.output_too_large items\n");
  });
});

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

describe("host-memory-by-description", () => {
  it("refuses descriptions of many empty types, and endless JSON", async () => {
    const { code, stdout, stderr } = await inChild(
      `${imports}
      const empties = (count) => \`(() => { const d = JSON.parse(\${JSON.stringify(describing({ name: "x.proto" }))});
        d.files["x.proto"] = "Cgd4LnByb3Rv" + "IgAiACIA".repeat(\${count}); return JSON.stringify(d); })()\`;
      await attempt(() => load(hostileBundle(empties(1_000_000))));
      await attempt(() => load(hostileBundle(empties(400_000))));
      await attempt(() => load(hostileBundle("'['.repeat(4_000_000)")));
      await attempt(() => load(hostileBundle("'['.repeat(15_000_000)")));`,
      { heapMib: 192 },
    );
    assert.equal(code, 0, stderr);
    assert.equal(stdout.match(/^contract\.invalid /gm)?.length, 4, stdout);
  });
});

describe("host-time-by-types", () => {
  it("takes time in proportion to the number of types", async () => {
    // With the square of their number it would take minutes, and the child is ended after one.
    const { code, stdout, stderr } = await inChild(
      `${imports}
      const messageType = [{ name: "Out" }, ...Array.from({ length: 64_000 }, (_, i) => ({ name: "M" + i }))];
      const loaded = await load(hostileBundle(text(describing({ name: "x.proto", package: "x", syntax: "proto3", messageType }))));
      console.log(loaded.manifest.functions[0].writes.className);`,
      { heapMib: 384 },
    );
    assert.equal(code, 0, stderr);
    assert.equal(stdout, "x.X$Out\n");
  });
});

describe("untyped-error-type-chain", () => {
  it("refuses a chain of types that would end in the host's stack, and takes a long one", async () => {
    const { code, stdout, stderr } = await inChild(
      `${imports}
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
