import assert from "node:assert/strict";
import { tmpdir } from "node:os";
import { it } from "node:test";
import { concatBytes } from "@p8e/core";
import { Spool } from "../src/spool.ts";

it("a spool holds no more memory than bytes, whatever they are views of", async () => {
  await using spool = new Spool(tmpdir());
  for (let n = 0; n < 5_000; n++) await spool.append(new Uint8Array(100_000).subarray(n, n + 1).fill(n));
  let retained = 0;
  const buffers = new Set<ArrayBufferLike>();
  const parts: Uint8Array[] = [];
  for await (const part of spool.read()) {
    if (!buffers.has(part.buffer)) retained += part.buffer.byteLength;
    buffers.add(part.buffer);
    parts.push(part);
  }
  assert.ok(retained <= 3 * 1024 * 1024, `${retained} bytes for 5000`);
  assert.ok(parts.length <= 1024, `${parts.length} parts`);
  assert.deepEqual(
    concatBytes(...parts),
    Uint8Array.from({ length: 5_000 }, (_, n) => n),
  );
});
