// What a stranger sent ends no process and takes no more time or memory than it is given: the cases host-memory-by-output,
// host-memory-by-description and host-time-by-types, smaller and in a process with a small heap.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { inChild } from "./support/child.ts";
import { loading } from "./support/loading.ts";

describe("host-memory-by-output", () => {
  it("refuses an output that would take too much when it is decoded, before it is", async () => {
    const { code, stdout, stderr } = await inChild(
      `${loading}
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

describe("host-memory-by-description", () => {
  it("refuses descriptions of many empty types, and endless JSON", async () => {
    const { code, stdout, stderr } = await inChild(
      `${loading}
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
      `${loading}
      const messageType = [{ name: "Out" }, ...Array.from({ length: 24_000 }, (_, i) => ({ name: "M" + i }))];
      const loaded = await load(hostileBundle(text(describing({ name: "x.proto", package: "x", syntax: "proto3", messageType }))));
      console.log(loaded.manifest.functions[0].writes.className);`,
      { heapMib: 384 },
    );
    assert.equal(code, 0, stderr);
    assert.equal(stdout, "x.X$Out\n");
  });
});
