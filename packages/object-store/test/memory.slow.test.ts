import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { describe, it } from "node:test";
import * as objectStore from "@p8e/proto/object-store";
import {
  buildContainer,
  type ChunkInit,
  dataChunk,
  endChunk,
  eventually,
  newHash,
  newParties,
  patternBytes,
  propertyChunk,
  SIGNATURE,
  SIGNATURE_PUBLIC_KEY,
  streamHeader,
  TestStore,
} from "@p8e/testkit";
import { ProcessHarness } from "./support/process-harness.ts";

const MEBIBYTE = 1024 * 1024;
const PIECES = 1024;

describe("an object of one gigabyte", () => {
  const harness = new ProcessHarness();

  it("is put, replicated and read back identically, and no store grows by 64 MB", async (t) => {
    await using target = await TestStore.open(harness);
    await using source = await TestStore.open(harness);
    const [owner, reader] = newParties(2);
    await source.client.addKey(reader!, { url: target.url });
    // One round first: what is measured is the object, not the loading of code.
    for (let index = 0; index < 3; index++) {
      const payload = patternBytes(3_000_000);
      await source.client.put({ audience: [owner!, reader!], payload }, { hash: newHash(), chunkBytes: 2_000_000 });
    }
    await eventually(
      "warm-up",
      () => source.database.openReplications(reader!),
      (count) => count === 0,
      { limitMs: 60_000 },
    );
    const stores = [source.store, target.store];
    const before = stores.map((store) => {
      store.resetPeak();
      return store.peakBytes();
    });
    if (before[0] === undefined) return t.skip("this system does not tell a process's peak memory");

    const header = buildContainer({ audience: [owner!, reader!], payload: new Uint8Array(0) });
    const hash = newHash();
    const piece = Buffer.from(patternBytes(MEBIBYTE));
    const sent = createHash("sha256");
    async function* upload(): AsyncGenerator<ChunkInit> {
      yield streamHeader();
      yield dataChunk(header, { contentLength: 1n });
      for (let index = 0; index < PIECES; index++) {
        piece.writeUInt32BE(index, 0);
        sent.update(piece);
        yield dataChunk(new Uint8Array(piece));
      }
      yield propertyChunk("HASH", hash);
      yield propertyChunk("SIGNATURE", SIGNATURE);
      yield propertyChunk("SIGNATURE_PUBLIC_KEY", SIGNATURE_PUBLIC_KEY);
      yield endChunk();
    }
    await source.client.send(upload());
    await eventually(
      "replication",
      () => source.database.openReplications(reader!),
      (count) => count === 0,
      { limitMs: 120_000 },
    );

    const received = createHash("sha256");
    let skip = 0;
    let length = 0;
    const request = { hash, publicKey: reader!.raw };
    for await (const { impl } of target.client.rpc.serverStream(objectStore.ObjectService.method.get, request)) {
      if (impl.case !== "chunk" || impl.value.impl.case !== "data") continue;
      let data = impl.value.impl.value;
      if (length === 0) {
        const signatures = `[{"signature":"${Buffer.from(SIGNATURE).toString("base64")}","publicKey":"${Buffer.from(SIGNATURE_PUBLIC_KEY).toString("base64")}"}]`;
        skip = header.length - '[{"signature":"YQ==","publicKey":"MQ=="}]'.length + signatures.length;
        data = data.subarray(skip);
      }
      length += data.length;
      received.update(data);
    }
    assert.equal(length, PIECES * MEBIBYTE);
    assert.equal(received.digest("hex"), sent.digest("hex"));
    stores.forEach((store, index) => {
      const grown = store.peakBytes()! - before[index]!;
      t.diagnostic(
        `${index === 0 ? "source" : "target"}: ${(before[index]! / 1e6).toFixed(0)} MB, grew ${(grown / 1e6).toFixed(1)} MB`,
      );
      assert.ok(grown < 64_000_000, `grew by ${grown} bytes`);
    });
  });
});
