import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { hashContent, parseContentHash, SHA256_TRUNCATED_FORM, utf8Encode } from "@p8e/core";
import { fileSource, ObjectClient, openMail } from "@p8e/object-client";
import { mismoXml, pdf, spreadsheet } from "./documents.ts";
import { requireShared } from "./share-document.ts";
import { newKey, openTestStores, type TestStore, type TestStores } from "./store-fixture.ts";

const lender = newKey();
const bank = newKey();
const stranger = newKey();

/** Deterministic bytes, cheap to make. */
function* chunksOf(sizeBytes: number): Generator<Uint8Array> {
  for (let left = sizeBytes, n = 0; left > 0; n++) {
    const chunk = new Uint8Array(Math.min(left, 300_000)).fill(n % 251);
    left -= chunk.length;
    yield chunk;
  }
}

describe("an object client and its store", () => {
  let stores: TestStores;
  let store: TestStore;
  before(async () => {
    stores = await openTestStores();
    store = await stores.open("alpha");
  });
  after(() => stores[Symbol.asyncDispose]());

  const own = { owner: lender.publicKey, signer: lender, audience: [bank.publicKey] };

  for (const size of [0, 1, 4_000, 100_000, 5_000_000]) {
    it(`gives ${size} bytes back to everybody in the audience, and to nobody else`, async () => {
      const bytes = new Uint8Array(size).fill(7);
      const receipt = await store.client.put(bytes, own);
      assert.equal(receipt.hash, hashContent(bytes));
      for (const key of [lender, bank]) {
        await using object = await store.client.get(receipt.hash, { key, expectedSigners: [lender.publicKey] });
        assert.deepEqual(await object.bytes(), bytes);
        assert.equal(object.signer.base64, lender.publicKey.base64);
        assert.ok(object.audience.includes(bank.publicKey.base64));
      }
      await assert.rejects(store.client.get(receipt.hash, { key: stranger }), { code: "object.not_found" });
    });
  }

  for (const [name, mediaType, document] of [
    ["loan.xml", "application/xml", mismoXml()],
    ["note.pdf", "application/pdf", pdf()],
    ["tape.xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", spreadsheet()],
  ] as const) {
    it(`shares ${name} with the bank, and the bank with an investor: to the byte, with name and type`, async () => {
      const path = join(stores.folder, name);
      await writeFile(path, document);
      await requireShared(store, path, mediaType, join(stores.folder, `out-${name}`));
    });
  }

  it("says whether it has an object for readers, by its header alone", async () => {
    const bytes = new Uint8Array(3_000_000).fill(9);
    const hash = hashContent(bytes);
    const both = [bank.publicKey, lender.publicKey];
    assert.equal(await store.client.holds(hash, both), false);
    await store.client.put(bytes, { ...own, audience: [] });
    assert.equal(await store.client.holds(hash, [lender.publicKey]), true);
    assert.equal(await store.client.holds(hash, both), false);
    await store.client.put(bytes, own);
    assert.equal(await store.client.holds(hash, both), true);
    assert.equal(await store.client.holds(hash, [...both, stranger.publicKey]), false);
  });

  it("keeps what a file is called for its readers, and says nothing of it to the store", async () => {
    const bytes = utf8Encode("a note");
    const file = { name: "note.txt", mediaType: "text/plain" };
    const { hash } = await store.client.put(bytes, { ...own, file });
    for (const key of [lender, bank]) {
      await using object = await store.client.get(hash, { key });
      assert.deepEqual(object.file, file);
      assert.ok(![...object.metadata.values()].some((text) => text.includes("note.txt")));
    }
    const wrong = { ...file, hash: hashContent(utf8Encode("what it was before")) };
    await assert.rejects(store.client.put(utf8Encode("changed"), { ...own, file: wrong }), { code: "input.invalid" });
    assert.equal(await store.client.holds(hashContent(utf8Encode("changed")), [lender.publicKey]), false);
  });

  it("replaces no file where it is told not to", async () => {
    const { hash } = await store.client.put(utf8Encode("new"), own);
    const path = join(stores.folder, "taken.txt");
    await writeFile(path, "old");
    await assert.rejects(store.client.getToFile(hash, path, { key: bank, replace: false }), { code: "input.invalid" });
    assert.equal(await readFile(path, "utf8"), "old");
    const free = join(stores.folder, "free.txt");
    await store.client.getToFile(hash, () => free, { key: bank, replace: false });
    assert.equal(await readFile(free, "utf8"), "new");
    const left = await readdir(stores.folder);
    assert.ok(!left.some((name) => name.endsWith(".part")));
  });

  it("keeps specifications under the first half of their hash", async () => {
    const bytes = utf8Encode("a specification");
    const { hash } = await store.client.put(bytes, { ...own, hashForm: SHA256_TRUNCATED_FORM });
    assert.equal(hash.length, 24);
    assert.deepEqual(await store.client.getBytes(hash, { key: bank }), bytes);
  });

  it("streams a file in and out, and writes it whole or not at all", async () => {
    const path = join(stores.folder, "in.bin");
    const out = join(stores.folder, "out.bin");
    await writeFile(path, chunksOf(12_345_678));
    const progress: number[] = [];
    const { hash } = await store.client.put(await fileSource(path), {
      ...own,
      onProgress: ({ done }) => progress.push(done),
    });
    assert.equal(progress.at(-1), 12_345_678);
    await store.client.getToFile(hash, out, { key: bank });
    assert.ok((await readFile(out)).equals(await readFile(path)));
    assert.equal((await stat(out)).mode & 0o777, 0o600);
    await assert.rejects(store.client.getToFile(hash, join(stores.folder, "absent", "x"), { key: bank }), {
      code: "input.invalid",
    });
    const left = (await readdir(stores.folder)).filter((name) => name.endsWith(".part"));
    assert.deepEqual(left, []);
  });

  it("answers a second put of the same content from the first", async () => {
    const bytes = utf8Encode("twice");
    const first = await store.client.put(bytes, own);
    const second = await store.client.put(bytes, own);
    assert.equal(second.objectUuid, first.objectUuid);
  });

  it("refuses a signer it does not expect", async () => {
    const { hash } = await store.client.put(utf8Encode("signed by the lender"), own);
    await assert.rejects(store.client.get(hash, { key: bank, expectedSigners: [stranger.publicKey] }), {
      code: "signature.unexpected_signer",
    });
  });

  it("shares again for those who cannot read it yet, without encrypting again or naming those who can", async () => {
    const bytes = new Uint8Array(50_000).fill(3);
    const { hash } = await store.client.put(bytes, own);
    const newcomer = newKey();
    await assert.rejects(store.client.get(hash, { key: stranger }), { code: "object.not_found" });
    const audience = [bank.publicKey, stranger.publicKey, lender.publicKey];
    const { added, stored } = await store.client.reshare(hash, { key: bank, audience });
    assert.deepEqual([added.map(({ base64 }) => base64), stored?.hash], [[stranger.publicKey.base64], hash]);
    {
      await using read = await store.client.get(hash, { key: stranger, expectedSigners: [lender.publicKey] });
      assert.deepEqual(await read.bytes(), bytes);
      assert.deepEqual(read.audience, [stranger.publicKey.base64, bank.publicKey.base64]);
      assert.equal(read.owner, bank.publicKey.base64);
    }
    // What was shared one by one is found one by one.
    const again = await store.client.reshare(hash, { key: bank, audience });
    assert.deepEqual([again.added, again.stored], [[], undefined]);
    const readers = await store.client.readers(hash, { key: bank, audience: [stranger.publicKey, newcomer.publicKey] });
    assert.deepEqual(readers, new Set([bank, lender, stranger].map(({ publicKey }) => publicKey.base64)));
    const more = await store.client.reshare(hash, { key: stranger, audience: [...audience, newcomer.publicKey] });
    assert.deepEqual(
      more.added.map(({ base64 }) => base64),
      [lender.publicKey.base64, newcomer.publicKey.base64],
    );
    assert.deepEqual(await store.client.getBytes(hash, { key: newcomer }), bytes);
  });

  it("delivers mail until it is acknowledged", async () => {
    await store.client.put(utf8Encode("please sign"), { ...own, mailType: "FRAGMENT_REQUEST" });
    const [letter, ...more] = await store.client.mail(bank);
    assert.equal(more.length, 0);
    const opened = await openMail(letter!, bank);
    assert.deepEqual(opened.plaintext, utf8Encode("please sign"));
    assert.equal(opened.mailType, "FRAGMENT_REQUEST");
    assert.equal((await store.client.mail(bank)).length, 1);
    await store.client.acknowledge(letter!.uuid, bank.publicKey);
    assert.equal((await store.client.mail(bank)).length, 0);
  });

  it("names the bit that flipped on the store's disk, and hands nothing out", async () => {
    const bytes = new Uint8Array(6_000_000).fill(9);
    const receipt = await store.client.put(bytes, own);
    const [folder] = (await readdir(store.storagePath)).filter((name) => /^\d{8}$/.test(name));
    const path = join(store.storagePath, folder!, receipt.name);
    const stored = await readFile(path);
    stored[stored.length - 1_000_000]! ^= 1;
    await writeFile(path, stored);
    await assert.rejects(store.client.get(receipt.hash, { key: bank }), { code: "object.corrupt" });
    await assert.rejects(store.client.getToFile(receipt.hash, join(stores.folder, "never"), { key: bank }), {
      code: "object.corrupt",
    });
    assert.ok(!(await readdir(stores.folder)).includes("never"));
  });

  it("stops when it is told to, and leaves nothing behind at the store", async () => {
    const stop = new AbortController();
    const source = {
      sizeBytes: 3_000_000,
      async *open() {
        yield new Uint8Array(1_000_000);
        stop.abort();
        yield new Uint8Array(2_000_000);
      },
    };
    await assert.rejects(store.client.put(source, { ...own, signal: stop.signal }), { code: "rpc.cancelled" });
    const hash = parseContentHash(createHash("sha256").update(new Uint8Array(3_000_000)).digest("base64"));
    await assert.rejects(store.client.get(hash, { key: lender }), { code: "object.not_found" });
  });

  it("goes on trying for a while when the store is away, then says so", async () => {
    await using away = new ObjectClient({ url: "grpc://127.0.0.1:1", patienceMs: 300 });
    await assert.rejects(away.put(utf8Encode("x"), own), { code: "rpc.unavailable" });
  });

  it("finds an object at the partner's store once it was replicated, and not before it is shared", async () => {
    const partner = await stores.open("beta");
    await store.client.registerKey(bank.publicKey, { url: partner.url });
    await partner.client.registerKey(bank.publicKey);
    const secret = await store.client.put(utf8Encode("for the lender alone"), { ...own, audience: [] });
    const shared = await store.client.put(utf8Encode("for the bank too"), own);
    for (let tries = 0; ; tries++) {
      try {
        assert.deepEqual(await partner.client.getBytes(shared.hash, { key: bank }), utf8Encode("for the bank too"));
        break;
      } catch (error) {
        if (tries > 100) throw error;
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
    }
    await assert.rejects(partner.client.get(secret.hash, { key: lender }), { code: "object.not_found" });
  });
});
