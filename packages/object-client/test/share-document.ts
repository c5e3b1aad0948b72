import assert from "node:assert/strict";
import { readFile, rm } from "node:fs/promises";
import { basename } from "node:path";
import { hashContent } from "@p8e/core";
import { fileSource } from "@p8e/object-client";
import { newKey, type TestStore } from "./store-fixture.ts";

/**
 * Stores a file for a bank, which shares it with an investor: both get it to the byte, and what it was called.
 * @param out where the copies may lie for a moment
 */
export async function requireShared(store: TestStore, path: string, mediaType: string, out: string): Promise<void> {
  const [lender, bank, investor] = [newKey(), newKey(), newKey()];
  const file = { name: basename(path), mediaType };
  const { hash } = await store.client.put(await fileSource(path), {
    ...{ owner: lender.publicKey, signer: lender, audience: [bank.publicKey], file },
  });
  const content = await readFile(path);
  assert.equal(hash, hashContent(content));
  const requireSame = async (key: typeof bank) => {
    const got = await store.client.getToFile(hash, out, { key, expectedSigners: [lender.publicKey] });
    assert.ok((await readFile(out)).equals(content));
    assert.deepEqual(got.file, file);
    await rm(out);
  };
  await requireSame(bank);
  await assert.rejects(store.client.get(hash, { key: investor }), { code: "object.not_found" });
  await store.client.reshare(hash, { key: bank, audience: [investor.publicKey] });
  await requireSame(investor);
}
