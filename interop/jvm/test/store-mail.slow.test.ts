// Mail, key registration, maintenance, credentials and replication: the published client against our store.
import assert from "node:assert/strict";
import { after, describe, test } from "node:test";
import { base64Encode, parseContentHash, utf8Decode, utf8Encode } from "@p8e/core";
import { openMail } from "@p8e/object-client";
import { eventually } from "@p8e/testkit";
import { findJvmPeer, JvmDriver } from "../driver.ts";
import { developmentParty, type Party, patternBytes, strangerParty } from "../ours.ts";
import { openStore, withStoresWords } from "../stores.ts";

const peer = await findJvmPeer();

const MAIL_TYPES = ["FRAGMENT_REQUEST", "FRAGMENT_RESPONSE", "ERROR_RESPONSE"] as const;

describe("mail, keys and replication between the published client and our stores", {
  skip: peer.missing ?? false,
}, async () => {
  if (peer.missing !== undefined) return;
  const jvm = new JvmDriver(peer.classpath);
  after(() => jvm[Symbol.asyncDispose]());
  const store = await openStore();
  after(() => store[Symbol.asyncDispose]());
  const { url, client } = store;
  const alice = developmentParty(1);
  const jvmMail = async (reader: Party, maxResults = 100) =>
    (
      await jvm.call("mailboxGet", {
        url,
        publicKey: reader.publicKeyHex,
        privateKey: reader.privateKeyHex,
        maxResults,
      })
    ).mail;
  const jvmSend = (to: readonly Party[], type: string, text: string) =>
    jvm.call("put", {
      url,
      owner: alice.publicKeyHex,
      signer: alice.privateKeyHex,
      audience: to.map((each) => each.publicKeyHex),
      metadata: { "P8EAPI::TYPE": type },
      plaintext: base64Encode(utf8Encode(text)),
    });

  describe("mail", () => {
    for (const type of MAIL_TYPES) {
      test(`${type} that the JVM sends: every reader but the sender opens and acknowledges it in ours`, async () => {
        const readers = [strangerParty(), strangerParty()];
        await jvmSend(readers, type, `from the JVM: ${type}`);
        for (const reader of readers) {
          const [letter, ...others] = await client.mail(reader.key);
          assert(letter);
          assert.equal(others.length, 0);
          const opened = await openMail(letter, reader.key);
          assert.equal(utf8Decode(opened.plaintext, "mail"), `from the JVM: ${type}`);
          assert.equal(opened.mailType, type);
          assert(opened.signer.equals(alice.publicKey));
          assert.equal((await jvmMail(reader)).length, 1);
          await client.acknowledge(letter.uuid, reader.publicKey);
          assert.deepEqual(await client.mail(reader.key), []);
          assert.deepEqual(await jvmMail(reader), []);
        }
        assert.deepEqual(await client.mail(alice.key), []);
      });

      test(`${type} that ours sends: the JVM opens, verifies and acknowledges it`, async () => {
        const reader = strangerParty();
        await client.put(utf8Encode(`from ours: ${type}`), {
          owner: alice.publicKey,
          signer: alice.key,
          audience: [reader.publicKey],
          mailType: type,
        });
        const [letter, ...others] = await jvmMail(reader);
        assert(letter);
        assert.equal(others.length, 0);
        assert.deepEqual(
          [letter.plaintext, letter.verified, letter.metadata["P8EAPI::TYPE"]],
          [base64Encode(utf8Encode(`from ours: ${type}`)), true, type],
        );
        await jvm.call("mailboxAck", { url, mailUuid: letter.mailUuid });
        assert.deepEqual(await jvmMail(reader), []);
        assert.deepEqual(await client.mail(reader.key), []);
      });
    }

    test("comes in the order it was sent, as many as are asked for, and again until it is acknowledged", async () => {
      const reader = strangerParty();
      for (const text of ["one", "two", "three"]) await jvmSend([reader], "FRAGMENT_REQUEST", text);
      const texts = async (maxResults: number) =>
        (await jvmMail(reader, maxResults)).map((letter) => Buffer.from(letter.plaintext ?? "", "base64").toString());
      assert.deepEqual(await texts(2), ["one", "two"]);
      assert.deepEqual(await texts(100), ["one", "two", "three"]);
      assert.deepEqual(await texts(0), []);
      await assert.rejects(texts(-1), { status: "INVALID_ARGUMENT" });
    });

    test("of a type that nobody knows is stored as an object and delivered to nobody", async () => {
      const reader = strangerParty();
      const stored = await jvmSend([reader], "SOMETHING_ELSE", "unknown type");
      assert.equal(stored.name, "NOT_STORAGE_BACKED");
      assert.deepEqual(await jvmMail(reader), []);
      const found = await client.getBytes(parseContentHash(stored.hash), { key: reader.key });
      assert.equal(utf8Decode(found, "object"), "unknown type");
    });

    test("that is large stays in the database and reaches both readers", async () => {
      const reader = strangerParty();
      const plaintext = base64Encode(patternBytes(3_000_000));
      await jvm.call("put", {
        url,
        owner: alice.publicKeyHex,
        signer: alice.privateKeyHex,
        audience: [reader.publicKeyHex],
        metadata: { "P8EAPI::TYPE": "FRAGMENT_REQUEST" },
        plaintext,
      });
      const [theirs] = await jvmMail(reader);
      assert.deepEqual([theirs?.verified, theirs?.plaintext === plaintext], [true, true]);
      const [ours] = await client.mail(reader.key);
      assert(ours);
      assert.equal(base64Encode((await openMail(ours, reader.key)).plaintext), plaintext);
    });

    test("acknowledged under an unknown uuid, or twice, is no error", async () => {
      const reader = strangerParty();
      await jvmSend([reader], "FRAGMENT_REQUEST", "twice");
      const [letter] = await jvmMail(reader);
      assert(letter);
      await jvm.call("mailboxAck", { url, mailUuid: letter.mailUuid });
      await jvm.call("mailboxAck", { url, mailUuid: letter.mailUuid });
      await jvm.call("mailboxAck", { url, mailUuid: "00000000-0000-4000-8000-000000000000" });
      assert.deepEqual(await jvmMail(reader), []);
    });
  });

  describe("PublicKey.Add", () => {
    test("registers a local key, then a url for it; uuid and creation stay", async () => {
      const key = strangerParty();
      const local = await jvm.call("publicKeyAdd", { url, publicKey: key.publicKeyHex });
      assert.deepEqual(
        [local.publicKey, local.objectStoreUrl, local.hasMetadata, local.hasCreatedAt, local.hasUpdatedAt],
        [key.publicKeyHex, "", false, true, true],
      );
      const objectStoreUrl = "grpc://other.example:80";
      const remote = await jvm.call("publicKeyAdd", { url, publicKey: key.publicKeyHex, objectStoreUrl });
      assert.deepEqual([remote.uuid, remote.objectStoreUrl], [local.uuid, objectStoreUrl]);
    });

    test("takes the signing key that later releases send along, and ignores it", async () => {
      const [key, signing] = [strangerParty(), strangerParty()];
      const added = await jvm.call("publicKeyAddWithSigningKey", {
        url,
        publicKey: key.publicKeyHex,
        signingKey: signing.publicKeyHex,
      });
      assert.equal(added.publicKey, key.publicKeyHex);
    });

    test("refuses a url that is none, in the words that clients know", async () => {
      await assert.rejects(
        jvm.call("publicKeyAdd", { url, publicKey: strangerParty().publicKeyHex, objectStoreUrl: "invalidurl.com" }),
        {
          status: "INVALID_ARGUMENT",
          description: "Unable to parse url invalidurl.com - RelativeUrlWithoutBase",
        },
      );
    });
  });

  test("in maintenance the published client can read, and neither put, add nor acknowledge", async () => {
    const reader = strangerParty();
    const stored = await jvmSend([reader], "FRAGMENT_REQUEST", "before maintenance");
    const [letter] = await jvmMail(reader);
    assert(letter);
    await store.setMaintenance(true);
    try {
      const refused = { status: "UNAVAILABLE", description: "Service is in maintenance mode" };
      await assert.rejects(jvmSend([reader], "FRAGMENT_REQUEST", "during maintenance"), refused);
      await assert.rejects(jvm.call("publicKeyAdd", { url, publicKey: reader.publicKeyHex }), refused);
      await assert.rejects(jvm.call("mailboxAck", { url, mailUuid: letter.mailUuid }), refused);
      assert.equal((await jvmMail(reader)).length, 1);
      const read = await jvm.call("get", { url, hash: stored.hash, publicKey: reader.publicKeyHex });
      assert.equal(read.uuid, stored.dimeUuid);
    } finally {
      await store.setMaintenance(false);
    }
    await jvm.call("mailboxAck", { url, mailUuid: letter.mailUuid });
  });

  test("with user authentication the credential travels in a header; without it, or for others, permission is denied", async () => {
    await using guarded = await openStore({ USER_AUTH_ENABLED: "true" });
    const at = { url: guarded.url, owner: alice.publicKeyHex, signer: alice.privateKeyHex };
    const plaintext = base64Encode(utf8Encode("guarded"));
    await assert.rejects(jvm.call("put", { ...at, plaintext }), {
      status: "PERMISSION_DENIED",
      description: `unknown public key ${alice.publicKey.base64}`,
    });
    await guarded.register(alice.publicKey, { header: "X-Key", value: "secret:1" });
    await assert.rejects(jvm.call("put", { ...at, plaintext }), {
      status: "PERMISSION_DENIED",
      description: "not authorized",
    });
    const headers = { "x-key": "secret:1" };
    const stored = await jvm.call("put", { ...at, plaintext, headers });
    const read = {
      url: guarded.url,
      hash: stored.hash,
      publicKey: alice.publicKeyHex,
      privateKey: alice.privateKeyHex,
    };
    await assert.rejects(jvm.call("get", read), { status: "PERMISSION_DENIED" });
    assert.equal((await jvm.call("get", { ...read, headers })).plaintext, plaintext);
    // The published client acknowledges without naming a key, which such a store cannot allow.
    await assert.rejects(jvm.call("mailboxAck", { url: guarded.url, mailUuid: stored.uuid, headers }), {
      status: "PERMISSION_DENIED",
      description: "auth is enabled, but a public_key wasn't sent",
    });
  });

  test("what the JVM puts for a key that it registered with another store is replicated there, mail included", async () => {
    await using near = await openStore({ REPLICATION_ENABLED: "true" });
    await using far = await openStore({ REPLICATION_ENABLED: "true" });
    const [reader, plaintext] = [strangerParty(), patternBytes(50_000)];
    await jvm.call("publicKeyAdd", { url: near.url, publicKey: reader.publicKeyHex, objectStoreUrl: far.url });
    await jvm.call("publicKeyAdd", { url: far.url, publicKey: reader.publicKeyHex });
    const sending = {
      url: near.url,
      owner: alice.publicKeyHex,
      signer: alice.privateKeyHex,
      audience: [reader.publicKeyHex],
    };
    const stored = await jvm.call("put", { ...sending, plaintext: base64Encode(plaintext) });
    await jvm.call("put", {
      ...sending,
      plaintext: base64Encode(utf8Encode("mail")),
      metadata: { "P8EAPI::TYPE": "FRAGMENT_REQUEST" },
    });
    const reading = { url: far.url, publicKey: reader.publicKeyHex, privateKey: reader.privateKeyHex };
    const patience = { limitMs: 60_000, isLater: () => true };
    const get = () => jvm.call("get", { ...reading, hash: stored.hash });
    const read = await withStoresWords(eventually("replication", get, undefined, patience));
    assert.deepEqual([read.verified, read.plaintext], [true, base64Encode(plaintext)]);
    assert.equal(read.uuid, stored.dimeUuid);
    const letters = async () => (await jvm.call("mailboxGet", { ...reading, maxResults: 10 })).mail;
    const mail = await withStoresWords(eventually("delivery", letters, ({ length }) => length === 1, patience));
    assert.equal(mail[0]?.plaintext, base64Encode(utf8Encode("mail")));
    assert.deepEqual(await far.client.getBytes(parseContentHash(stored.hash), { key: reader.key }), plaintext);
  });
});
