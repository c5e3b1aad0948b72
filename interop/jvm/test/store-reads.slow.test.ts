// The published object store client against our store: what ours puts, it gets; messages and files; refusals.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { globSync } from "node:fs";
import { mkdtemp, open, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import {
  base64Decode,
  base64Encode,
  concatBytes,
  type HashForm,
  hashContent,
  hexDecode,
  parseContentHash,
  SHA256_TRUNCATED_FORM,
  utf8Encode,
} from "@p8e/core";
import { fileSource } from "@p8e/object-client";
import { findJvmPeer, JvmDriver } from "../driver.ts";
import { developmentParty, type Party, patternBytes, strangerParty } from "../ours.ts";
import type { Content } from "../protocol.ts";
import { openStore } from "../stores.ts";
import { vector } from "../vectors.ts";

const peer = await findJvmPeer();

const FORMS: readonly (HashForm & { readonly name: string })[] = [
  { name: "SHA-256", algorithm: "sha256", truncated: false },
  { name: "SHA-256 in half", algorithm: "sha256", truncated: true },
  { name: "SHA-512", algorithm: "sha512", truncated: false },
  { name: "SHA-512 in half", algorithm: "sha512", truncated: true },
];
/** Around the JVM's cipher buffer, its 2 MiB reads and our 2,000,000-byte chunks; small ones stay in the database. */
const SIZES = [0, 1, 5_000, 32_767, 32_769, 2_000_000, 2 * 1024 * 1024 + 1, 3_000_000];
const CONTRACT_SPECIFICATION = "io.provenance.scope.contract.proto.Specifications$ContractSpec";

describe("objects of our store that the published client reads", { skip: peer.missing ?? false }, async () => {
  if (peer.missing !== undefined) return;
  const jvm = new JvmDriver(peer.classpath);
  after(() => jvm[Symbol.asyncDispose]());
  const store = await openStore();
  after(() => store[Symbol.asyncDispose]());
  const folder = await mkdtemp(join(tmpdir(), "p8e-interop-files-"));
  after(() => rm(folder, { recursive: true, force: true }));
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

  describe("put by ours", () => {
    for (const size of SIZES) {
      test(`${size} bytes for three readers: each opens and verifies them with the published client`, async () => {
        const plaintext = content(size);
        const { hash } = await client.put(plaintext, {
          owner: alice.publicKey,
          signer: bob.key,
          audience: [bob.publicKey, carol.publicKey],
        });
        for (const reader of [alice, bob, carol]) {
          const read = await jvmGet(hash, reader, { expectedSigner: bob.publicKeyHex });
          assert.deepEqual([read.verified, read.length], [true, size]);
          assert(Buffer.from(base64Decode(read.plaintext ?? "")).equals(plaintext));
        }
      });
    }

    test("with what the file was called: the published client opens it as one without", async () => {
      const plaintext = content(40_000);
      const { hash } = await client.put(plaintext, {
        owner: alice.publicKey,
        signer: alice.key,
        audience: [bob.publicKey],
        file: { name: "Grundstück – 契約.csv", mediaType: "text/csv" },
      });
      for (const reader of [alice, bob]) {
        const read = await jvmGet(hash, reader, { expectedSigner: alice.publicKeyHex });
        assert.deepEqual([read.verified, read.plaintext], [true, base64Encode(plaintext)]);
      }
    });

    for (const form of FORMS) {
      test(`under ${form.name}: the published client finds it`, async () => {
        const plaintext = content(6_000);
        const { hash } = await client.put(plaintext, { owner: alice.publicKey, signer: alice.key, hashForm: form });
        const read = await jvmGet(hash, alice);
        assert.deepEqual([read.verified, read.plaintext], [true, base64Encode(plaintext)]);
      });
    }
  });

  describe("messages", () => {
    const specification = hexDecode(
      vector<{ contractSpecProtoHex: string }>("hashes-identity", "contract-spec-identity").contractSpecProtoHex,
    );
    const message = base64Encode(specification);

    test("a contract specification by its overload has a truncated hash, as a plain message a full one", async () => {
      const cached = {
        url,
        ownerKey: alice.privateKeyHex,
        signer: alice.privateKeyHex,
        classname: CONTRACT_SPECIFICATION,
        message,
      } as const;
      const truncated = await jvm.call("putRecord", cached);
      assert.equal(truncated.hash, hashContent(specification, SHA256_TRUNCATED_FORM));
      const full = await jvm.call("putRecord", { ...cached, asMessage: true });
      assert.equal(full.hash, hashContent(specification));
      for (const { hash } of [truncated, full]) {
        assert.deepEqual(await client.getBytes(parseContentHash(hash), { key: alice.key }), specification);
      }
    });

    test("put through the message form of the plain client", async () => {
      const text = utf8Encode("\n\u0005hello"); // a StringValue
      for (const lo of [false, true]) {
        const stored = await jvm.call("putMessage", {
          ...asAlice,
          classname: "com.google.protobuf.StringValue",
          message: base64Encode(text),
          lo,
        });
        assert.equal(stored.hash, hashContent(text, { algorithm: "sha256", truncated: lo }));
        assert.equal(stored.contentLength, text.length);
        assert.deepEqual(await client.getBytes(parseContentHash(stored.hash), { key: alice.key }), text);
      }
    });

    test("put by ours come back as instances of their Java class", async () => {
      const { hash } = await client.put(specification, {
        owner: bob.publicKey,
        signer: bob.key,
        hashForm: SHA256_TRUNCATED_FORM,
      });
      const record = await jvm.call("getRecord", {
        url,
        classname: CONTRACT_SPECIFICATION,
        hash,
        privateKey: bob.privateKeyHex,
      });
      assert.deepEqual([record.classname, record.message], [CONTRACT_SPECIFICATION, message]);
    });

    test("whose signature does not verify are not found, says the published cache", async () => {
      const stored = await jvm.call("putMessage", {
        ...asAlice,
        classname: "com.google.protobuf.StringValue",
        message: base64Encode(utf8Encode("\n\u0006wrong!")),
        signatureHash: "SHA256",
      });
      const record = {
        url,
        classname: "com.google.protobuf.StringValue",
        hash: stored.hash,
        privateKey: alice.privateKeyHex,
      };
      await assert.rejects(jvm.call("getRecord", record), { type: "io.provenance.scope.util.NotFoundException" });
    });
  });

  describe("files", () => {
    const sha256Of = async (path: string) => {
      const hash = createHash("sha256");
      await using file = await open(path, "r");
      for await (const chunk of file.createReadStream()) hash.update(chunk as Buffer);
      return hash.digest("base64");
    };

    test("of 60 MB: a jar that the JVM puts arrives in ours, and one that ours puts in the JVM", async () => {
      const [source, received] = [join(folder, "source.jar"), join(folder, "received.jar")];
      const megabyte = patternBytes(1_000_003);
      await writeFile(
        source,
        Array.from({ length: 60 }, () => megabyte),
      );
      const hash = parseContentHash(await sha256Of(source));
      const jar: Content = { path: source };
      const put = await jvm.call("putJar", {
        url,
        ownerKey: alice.privateKeyHex,
        signer: alice.privateKeyHex,
        audience: [bob.publicKeyHex],
        ...jar,
      });
      assert.equal(put.hash, hash);
      const report = await client.getToFile(hash, received, { key: bob.key, expectedSigners: [alice.publicKey] });
      assert.equal(report.plaintextBytes, 60 * megabyte.length);
      assert.equal(await sha256Of(received), hash);

      await client.put(await fileSource(source), { owner: carol.publicKey, signer: carol.key });
      const back = join(folder, "back.jar");
      const got = await jvm.call("getJar", { url, hash, privateKey: carol.privateKeyHex, outPath: back });
      assert.equal(got.length, 60 * megabyte.length);
      assert.equal(await sha256Of(back), hash);
    });
  });

  describe("refusals", () => {
    const notFound = { type: "io.grpc.StatusRuntimeException", status: "NOT_FOUND" };

    test("an unknown hash and a reader outside the audience are both NOT_FOUND to the published client", async () => {
      const unknown = hashContent(utf8Encode("nobody put this"));
      await assert.rejects(jvmGet(unknown, alice), notFound);
      const { hash } = await client.put(content(10), { owner: alice.publicKey, signer: alice.key });
      await assert.rejects(jvmGet(hash, strangerParty()), notFound);
    });

    test("a hash under sixteen bytes never leaves the published client", async () => {
      await assert.rejects(jvmGet(base64Encode(patternBytes(15)), alice), {
        type: "java.lang.IllegalArgumentException",
      });
    });

    test("the right key at the store with the wrong private key: no audience entry opens", async () => {
      const { hash } = await client.put(content(10), { owner: alice.publicKey, signer: alice.key });
      const request = { url, hash, publicKey: alice.publicKeyHex, privateKey: bob.privateKeyHex };
      await assert.rejects(jvm.call("get", request), { type: "java.lang.IllegalStateException" });
    });

    test("a blob that rotted on disk is DATA_LOSS to the published client, and nothing of it comes through", async () => {
      const { hash, name } = await client.put(content(3_000_000), { owner: alice.publicKey, signer: alice.key });
      const [path] = globSync(`*/${name}`, { cwd: store.blobFolder });
      assert(path);
      await using file = await open(join(store.blobFolder, path), "r+");
      const { buffer } = await file.read(Buffer.alloc(1), 0, 1, 2_500_000);
      await file.write(Buffer.of((buffer[0] ?? 0) ^ 1), 0, 1, 2_500_000);
      await assert.rejects(jvmGet(hash, alice), { status: "DATA_LOSS" });
    });

    test("a longer or shorter content than announced is stored: content_length is a note, not a length", async () => {
      const plaintext = content(2_000);
      const stored = await jvm.call("put", { ...asAlice, plaintext: base64Encode(plaintext), contentLength: 5 });
      assert.equal(stored.contentLength, 5);
      assert.equal((await jvmGet(stored.hash, alice)).length, 2_000);
      assert.deepEqual(await client.getBytes(parseContentHash(stored.hash), { key: alice.key }), plaintext);
    });
  });
});
