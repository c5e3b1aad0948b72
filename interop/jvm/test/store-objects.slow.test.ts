// The published object store client against our store: what it puts, ours gets, in every form.
import assert from "node:assert/strict";
import { globSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import {
  base64Decode,
  base64Encode,
  concatBytes,
  type HashForm,
  hashContent,
  parseContentHash,
  SHA256_TRUNCATED_FORM,
  utf8Encode,
} from "@p8e/core";
import { findJvmPeer, JvmDriver } from "../driver.ts";
import { developmentParty, type Party, patternBytes } from "../ours.ts";
import type { StoredDescription } from "../protocol.ts";
import { openStore } from "../stores.ts";

const peer = await findJvmPeer();

const FORMS: readonly (HashForm & { readonly name: string })[] = [
  { name: "SHA-256", algorithm: "sha256", truncated: false },
  { name: "SHA-256 in half", algorithm: "sha256", truncated: true },
  { name: "SHA-512", algorithm: "sha512", truncated: false },
  { name: "SHA-512 in half", algorithm: "sha512", truncated: true },
];
/** Around the JVM's cipher buffer, its 2 MiB reads and our 2,000,000-byte chunks; small ones stay in the database. */
const SIZES = [0, 1, 5_000, 32_767, 32_769, 2_000_000, 2 * 1024 * 1024 + 1, 3_000_000];

describe("objects that the published client puts in our store", { skip: peer.missing ?? false }, async () => {
  if (peer.missing !== undefined) return;
  const jvm = new JvmDriver(peer.classpath);
  after(() => jvm[Symbol.asyncDispose]());
  const store = await openStore();
  after(() => store[Symbol.asyncDispose]());
  const [alice, bob, carol] = [developmentParty(1), developmentParty(2), developmentParty(3)];
  const { url, client } = store;

  /** Different each time, so that no put is answered from an earlier one. */
  let made = 0;
  function content(size: number): Uint8Array {
    made += 1;
    return concatBytes(utf8Encode(`${made}:`), patternBytes(size)).subarray(0, size);
  }
  const asAlice = { url, owner: alice.publicKeyHex, signer: alice.privateKeyHex };
  const jvmGet = (hash: string, reader: Party, more: { expectedSigner?: string } = {}) =>
    jvm.call("get", { url, hash, publicKey: reader.publicKeyHex, privateKey: reader.privateKeyHex, ...more });

  describe("put by the JVM", () => {
    for (const size of SIZES) {
      test(`${size} bytes for three readers: each of them gets them, with our client and with theirs`, async () => {
        const plaintext = content(size);
        const stored = await jvm.call("put", {
          ...asAlice,
          plaintext: base64Encode(plaintext),
          audience: [bob.publicKeyHex, carol.publicKeyHex],
        });
        assert.equal(stored.hash, hashContent(plaintext));
        for (const reader of [alice, bob, carol]) {
          await using object = await client.get(parseContentHash(stored.hash), {
            key: reader.key,
            expectedSigners: [alice.publicKey],
          });
          assert(Buffer.from(await object.bytes()).equals(plaintext));
          assert.equal(object.owner, alice.publicKey.base64);
          assert.deepEqual(
            [...object.audience].sort(),
            [alice, bob, carol].map((each) => each.publicKey.base64).sort(),
          );
          const theirs = await jvmGet(stored.hash, reader, { expectedSigner: alice.publicKeyHex });
          assert.equal(theirs.verified, true);
          assert(Buffer.from(base64Decode(theirs.plaintext ?? "")).equals(plaintext));
        }
      });
    }

    for (const form of FORMS) {
      test(`under ${form.name}: found by that hash, and only by it`, async () => {
        const plaintext = content(9_000);
        const stored = await jvm.call("putStream", {
          ...asAlice,
          plaintext: base64Encode(plaintext),
          sha256: form.algorithm === "sha256",
          lo: form.truncated,
        });
        assert.equal(stored.hash, hashContent(plaintext, form));
        assert.deepEqual(await client.getBytes(parseContentHash(stored.hash), { key: alice.key }), plaintext);
        assert.equal((await jvmGet(stored.hash, alice)).verified, true);
        for (const other of FORMS.filter((each) => each !== form)) {
          await assert.rejects(client.getBytes(hashContent(plaintext, other), { key: alice.key }), {
            code: "object.not_found",
          });
        }
      });
    }

    test("by its own client with a truncated hash", async () => {
      const plaintext = content(100);
      const stored = await jvm.call("put", { ...asAlice, plaintext: base64Encode(plaintext), lo: true });
      assert.equal(stored.hash, hashContent(plaintext, SHA256_TRUNCATED_FORM));
      assert.deepEqual(await client.getBytes(parseContentHash(stored.hash), { key: alice.key }), plaintext);
    });

    test("the acknowledgement has every field that the client passes on", async () => {
      const [small, large] = [content(10), content(100_000)];
      const uuid = "0c0ffee0-1111-4222-8333-444455556666";
      const acknowledged: Record<string, StoredDescription> = {
        small: await jvm.call("put", { ...asAlice, uuid, plaintext: base64Encode(small), metadata: { NOTE: "ü" } }),
        large: await jvm.call("put", { ...asAlice, plaintext: base64Encode(large) }),
      };
      for (const answer of Object.values(acknowledged)) {
        assert.equal(answer.uri, `object://store.example/${answer.hash}`);
        assert.equal(answer.bucket, store.blobFolder);
        assert.equal(answer.hasCreated, true);
        assert.notEqual(answer.uuid, answer.dimeUuid);
      }
      assert.equal(acknowledged.small?.dimeUuid, uuid);
      assert.equal(acknowledged.small?.name, "NOT_STORAGE_BACKED");
      assert.equal(acknowledged.small?.contentLength, 10);
      assert.equal(acknowledged.large?.name, acknowledged.large?.uuid);
      assert.equal(acknowledged.large?.contentLength, 100_000);
      const file = globSync(`*/${acknowledged.large?.uuid}`, { cwd: store.blobFolder });
      assert.equal(file.length, 1);
      assert.equal((await readFile(join(store.blobFolder, file[0]!))).length, acknowledged.large?.storedLength);
      const read = await jvmGet(acknowledged.small?.hash ?? "", alice);
      assert.deepEqual([read.uuid, read.metadata.NOTE], [uuid, "ü"]);
    });

    test("twice: the second is answered from the first, also when ours puts it", async () => {
      const plaintext = content(20_000);
      const request = { ...asAlice, plaintext: base64Encode(plaintext), audience: [bob.publicKeyHex] };
      const first = await jvm.call("put", request);
      const second = await jvm.call("put", request);
      assert.deepEqual(
        [second.uuid, second.dimeUuid, second.storedLength],
        [first.uuid, first.dimeUuid, first.storedLength],
      );
      const ours = await client.put(plaintext, {
        owner: alice.publicKey,
        signer: alice.key,
        audience: [bob.publicKey],
      });
      assert.equal(ours.objectUuid, first.uuid);
      const wider = await client.put(plaintext, {
        owner: alice.publicKey,
        signer: alice.key,
        audience: [bob.publicKey, carol.publicKey],
      });
      assert.notEqual(wider.objectUuid, first.uuid);
    });

    for (const chunkSize of [1, 7, 1000]) {
      test(`in messages of ${chunkSize} bytes, the header cut anywhere`, async () => {
        const plaintext = content(3_000);
        const stored = await jvm.call("putStream", { ...asAlice, plaintext: base64Encode(plaintext), chunkSize });
        assert.deepEqual(await client.getBytes(parseContentHash(stored.hash), { key: alice.key }), plaintext);
      });
    }

    test("with a pause of twenty-one seconds, during which its channel pings twice", async () => {
      const plaintext = content(3_000);
      const stored = await jvm.call("putStream", {
        ...asAlice,
        plaintext: base64Encode(plaintext),
        chunkSize: 1000,
        pauseMs: 21_000,
      });
      assert.deepEqual(await client.getBytes(parseContentHash(stored.hash), { key: alice.key }), plaintext);
    });

    test("with deterministic signatures: nobody can tell", async () => {
      const stored = await jvm.call("put", {
        ...asAlice,
        plaintext: base64Encode(content(50)),
        deterministic: true,
      });
      assert.equal((await jvmGet(stored.hash, alice)).verified, true);
      await client.getBytes(parseContentHash(stored.hash), { key: alice.key, expectedSigners: [alice.publicKey] });
    });

    test("signed by another key than the owner's: the signer is known to both readers", async () => {
      const stored = await jvm.call("put", {
        url,
        owner: alice.publicKeyHex,
        signer: bob.privateKeyHex,
        plaintext: base64Encode(content(50)),
      });
      await using object = await client.get(parseContentHash(stored.hash), {
        key: alice.key,
        expectedSigners: [bob.publicKey],
      });
      assert(object.signer.equals(bob.publicKey));
      await assert.rejects(
        client.get(parseContentHash(stored.hash), { key: alice.key, expectedSigners: [alice.publicKey] }),
        { code: "signature.unexpected_signer" },
      );
    });

    test("and signed with SHA-256, which no reader accepts, is stored and refused by both", async () => {
      const stored = await jvm.call("put", {
        ...asAlice,
        plaintext: base64Encode(content(50)),
        signatureHash: "SHA256",
      });
      assert.equal((await jvmGet(stored.hash, alice)).verified, false);
      await assert.rejects(client.get(parseContentHash(stored.hash), { key: alice.key }), {
        code: "signature.invalid",
      });
    });

    test("shared again by ours: a new reader opens it with the published client, the first signature intact", async () => {
      const plaintext = content(40_000);
      const stored = await jvm.call("put", { ...asAlice, plaintext: base64Encode(plaintext) });
      const shared = await client.reshare(parseContentHash(stored.hash), {
        key: alice.key,
        audience: [carol.publicKey],
      });
      assert.equal(shared.hash, stored.hash);
      const read = await jvmGet(stored.hash, carol, { expectedSigner: alice.publicKeyHex });
      assert.deepEqual([read.verified, read.plaintext], [true, base64Encode(plaintext)]);
    });
  });
});
