import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { it } from "node:test";
import { serveStore } from "@p8e/environment";
import { newHash, newParties, patternBytes, StoreClient } from "@p8e/testkit";

it("a store without a database brings its own, is one of its folder, and keeps its objects over a restart", async () => {
  const folder = mkdtempSync(join(tmpdir(), "p8e-serve-"));
  const variables = { P8E_DATA: folder, OS_PORT: "0", RUST_LOG: "off" };
  try {
    const [party] = newParties(1);
    const hash = newHash();
    {
      await using store = await serveStore(variables);
      await using client = new StoreClient("127.0.0.1", store.port);
      await client.put({ audience: [party!], payload: patternBytes(9000) }, { hash });
      await assert.rejects(serveStore(variables), { code: "environment.in_use" });
    }
    await using store = await serveStore(variables);
    await using client = new StoreClient("127.0.0.1", store.port);
    assert.equal((await client.get(hash, party!)).messages.length, 3);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
