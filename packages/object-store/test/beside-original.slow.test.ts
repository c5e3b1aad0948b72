// The original store and its load generator beside ours: each at work on what the other holds.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { describe, it } from "node:test";
import { promisify } from "node:util";
import { generatePrivateKey, localKey } from "@p8e/crypto";
import { ObjectClient } from "@p8e/object-client";
import {
  eventually,
  newHash,
  newParties,
  type OriginalStore,
  optionalOriginalStore,
  patternBytes,
  type StoreHarness,
  type TestParty,
  TestStore,
} from "@p8e/testkit";
import { LocalHarness } from "./support/harness.ts";
import { OriginalHarness } from "./support/original-harness.ts";

const COUNT = 200;
const random = (length: number) => crypto.getRandomValues(new Uint8Array(length));

/** Below the threshold, above it, and in several messages. */
const SIZES = [0, 1000, 60_000, 4_100_000];

async function putAll(store: TestStore, audience: readonly TestParty[]): Promise<readonly Uint8Array[]> {
  const hashes: Uint8Array[] = [];
  for (const [index, size] of SIZES.entries()) {
    const hash = newHash();
    const payload = patternBytes(size, index + 1);
    await store.client.put({ audience, payload }, { hash, chunkBytes: 1_000_000 });
    hashes.push(hash);
  }
  return hashes;
}

async function generateLoad(program: string, store: TestStore, ...words: readonly string[]) {
  const url = `http://${store.store.host}:${store.store.port}`;
  const { stdout } = await promisify(execFile)(program, [...words, `url=${url}`, `count=${COUNT}`]);
  return JSON.parse(stdout) as Record<string, unknown>;
}

function besideEachOther(found: OriginalStore): void {
  const original: StoreHarness = new OriginalHarness(found);
  const ours: StoreHarness = new LocalHarness();
  const both = [
    ["the original", original, "ours", ours],
    ["ours", ours, "the original", original],
  ] as const;

  describe("the original store and ours", () => {
    for (const [from, source, to, target] of both) {
      it(`objects and mail go from ${from} to ${to}, and are read there message for message`, async () => {
        await using there = await TestStore.open(target);
        await using here = await TestStore.open(source);
        const [owner, reader] = newParties(2) as [TestParty, TestParty];
        await here.client.addKey(reader, { url: there.url });
        await there.client.addKey(reader);
        const hashes = await putAll(here, [owner, reader]);
        const mail = { "P8EAPI::TYPE": "FRAGMENT_REQUEST" };
        await here.client.put({ audience: [owner, reader], metadata: mail }, { hash: newHash() });
        await eventually(
          "open rows",
          () => here.database.openReplications(reader),
          (count) => count === 0,
        );
        for (const hash of hashes) {
          const [one, other] = [await here.client.get(hash, reader), await there.client.get(hash, reader)];
          assert.deepEqual(other.messages, one.messages);
        }
        const [delivered, kept] = [await there.client.mail(reader), await here.client.mail(reader)];
        assert.deepEqual(
          delivered.map(({ data }) => data),
          kept.map(({ data }) => data),
        );
        assert.equal(delivered.length, 1);
      });

      it(`${to} opens what ${from} kept, serves it and adds to it, and ${from} takes it back`, async () => {
        const [owner] = newParties(1) as [TestParty];
        const first = await TestStore.open(source);
        const given = { database: first.databaseSettings, folder: first.folder };
        const hashes = [...(await putAll(first, [owner]))];
        const messages = await Promise.all(hashes.map(async (hash) => (await first.client.get(hash, owner)).messages));
        await first[Symbol.asyncDispose]();
        for (const harness of [target, source]) {
          await using next = await TestStore.open(harness, {}, given);
          for (const [index, hash] of hashes.entries()) {
            assert.deepEqual((await next.client.get(hash, owner)).messages, messages[index]);
          }
          const hash = newHash();
          await next.client.put({ audience: [owner], payload: patternBytes(20_000) }, { hash });
          hashes.push(hash);
          messages.push((await next.client.get(hash, owner)).messages);
        }
      });
    }

    for (const [name, harness] of [
      ["the original", original],
      ["ours", ours],
    ] as const) {
      it(`${name} takes what the load generator makes, and gives it back as it was`, async () => {
        await using store = await TestStore.open(harness, {
          DB_CONNECTION_POOL_SIZE: "5",
        });
        // Its hashes come from the seed alone.
        for (const [seed, size] of [1024, 70_000].entries()) {
          for (const what of ["put", "get"]) {
            const words = [what, `seed=${seed}`, `size=fixed:${size}`, "inflight=16"];
            const result = await generateLoad(found.loadGenerator, store, ...words);
            assert.deepEqual([result["ok"], result["errors"]], [COUNT, {}]);
          }
        }
      });

      it(`${name} serves our client: what it puts is read, shared and read by the new reader`, async () => {
        await using store = await TestStore.open(harness);
        const spoolFolder = await harness.createFolder();
        const { host, port } = store.store;
        await using client = new ObjectClient({ url: `grpc://${host}:${port}`, spoolFolder, patienceMs: 0 });
        const [owner, reader] = [localKey(generatePrivateKey(random)), localKey(generatePrivateKey(random))];
        for (const size of SIZES) {
          const content = patternBytes(size, 5);
          const file = { name: `${size}.bin`, mediaType: "application/octet-stream" };
          const { hash } = await client.put(content, { owner: owner.publicKey, signer: owner, audience: [], file });
          assert.deepEqual(await client.getBytes(hash, { key: owner }), content);
          await assert.rejects(client.getBytes(hash, { key: reader }), { code: "object.not_found" });
          const { stored } = await client.reshare(hash, { key: owner, audience: [reader.publicKey] });
          assert.notEqual(stored, undefined);
          const again = await client.reshare(hash, { key: owner, audience: [reader.publicKey, owner.publicKey] });
          assert.deepEqual([again.added, again.stored], [[], undefined]);
          assert.deepEqual(await client.getBytes(hash, { key: reader }), content);
          for (const key of [owner, reader]) {
            await using object = await client.get(hash, { key });
            assert.deepEqual(object.file, file);
          }
        }
      });
    }
  });
}

await optionalOriginalStore("the original store beside ours", besideEachOther);
