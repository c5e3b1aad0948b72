import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { base64Encode, type ContentHash } from "@p8e/core";
import { ContainerHeaderParser, decodeMetadata } from "@p8e/envelope";
import {
  hashesBeginning,
  type ListedObject,
  listObjects,
  openStoreReader,
  storedPieces,
} from "@p8e/object-store/inspection";
import { newHash, newParties, patternBytes, type TestParty, TestStore } from "@p8e/testkit";
import { LocalHarness } from "./support/harness.ts";
import { serverDatabase } from "./support/server-database.ts";

const harness = new LocalHarness();
const hashesOf = (objects: readonly ListedObject[]) => objects.map(({ hash }) => hash);

async function firstHeader(pieces: AsyncIterable<Uint8Array>) {
  const parser = new ContainerHeaderParser();
  for await (const piece of pieces) {
    const parsed = parser.feed(piece);
    if (parsed !== undefined) return parsed;
  }
  return parser.end();
}

async function all(pieces: AsyncIterable<Uint8Array>): Promise<Uint8Array[]> {
  const found: Uint8Array[] = [];
  for await (const piece of pieces) found.push(piece);
  return found;
}

describe("what a store holds for a key", () => {
  it("is listed page by page, the newest first, each hash once and no mail", async () => {
    await using store = await TestStore.open(harness);
    const [owner, reader, third] = newParties(3) as [TestParty, TestParty, TestParty];
    const put = async (audience: readonly TestParty[], more: { bytes?: number; metadata?: Record<string, string> }) => {
      const hash = newHash();
      const { bytes = 100, metadata = {} } = more;
      await store.client.put({ audience, payload: patternBytes(bytes), metadata }, { hash });
      return hash;
    };
    const stored: Uint8Array[] = [];
    const notes = new Map<string, string>();
    for (const bytes of [100, 200_000, 300]) {
      const hash = await put([owner, reader], { bytes, metadata: { NOTE: `${bytes}` } });
      stored.push(hash);
      notes.set(base64Encode(hash), `${bytes}`);
    }
    await put([owner], {});
    await put([owner, reader], { metadata: { "P8EAPI::TYPE": "FRAGMENT_REQUEST" } });
    await store.client.put({ audience: [owner, reader, third], payload: patternBytes(100) }, { hash: stored[0]! });

    await using looked = await openStoreReader(serverDatabase(store.databaseSettings), {
      storage: { kind: "files", basePath: store.folder },
    });
    const expected = stored.map((hash) => base64Encode(hash)).toReversed();
    const first = await listObjects(looked, { key: reader.text, limit: 2 });
    assert.deepEqual([hashesOf(first.objects), first.more], [expected.slice(0, 2), true]);
    const after = expected[1] as ContentHash;
    const second = await listObjects(looked, { key: reader.text, limit: 2, after });
    assert.deepEqual([hashesOf(second.objects), second.more], [expected.slice(2), false]);
    const none = await listObjects(looked, { key: reader.text, limit: 2, after: expected[2] as ContentHash });
    assert.deepEqual([none.objects, none.more], [[], false]);
    const strange = base64Encode(newHash()) as ContentHash;
    await assert.rejects(listObjects(looked, { key: reader.text, limit: 2, after: strange }), {
      code: "object.not_found",
    });

    const listed = [...first.objects, ...second.objects];
    assert.deepEqual(new Set(listed.map(({ inDatabase }) => inDatabase)), new Set([true, false]));
    for (const object of listed) {
      const { header } = await firstHeader(storedPieces(looked, object));
      assert.equal(decodeMetadata(header.sections.metadata).get("NOTE"), notes.get(object.hash));
    }
    const [large] = listed.filter(({ inDatabase }) => !inDatabase);
    assert.deepEqual(await all(storedPieces(looked, { ...large!, name: crypto.randomUUID() })), []);
    const pieces = await all(storedPieces(looked, large!));
    assert.ok(Buffer.concat(pieces).length > 200_000);

    const [hash] = expected as [string];
    assert.deepEqual(await hashesBeginning(looked, hash.slice(0, 10), { limit: 5 }), [hash]);
    assert.deepEqual(await hashesBeginning(looked, hash.slice(0, 10), { key: third.text, limit: 5 }), []);
    assert.equal((await hashesBeginning(looked, "", { limit: 2 })).length, 2);
  });
});
