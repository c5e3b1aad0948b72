// Sealed objects, both ways: what our crypto seals, the published jars open and verify; and the reverse.
import assert from "node:assert/strict";
import { after, describe, test } from "node:test";
import { base64Encode, type HashForm, hashContent, parseContentHash, utf8Encode } from "@p8e/core";
import { sealBytes, sealObject, signBytes, verifyContainer } from "@p8e/crypto";
import { decodeEnvelope, parseContainer } from "@p8e/envelope";
import { findJvmPeer, JvmDriver, type JvmError } from "../driver.ts";
import { developmentParty, openStored, patternBytes, storedContainer, storedJvmContainer } from "../ours.ts";

const peer = await findJvmPeer();

const FORMS: readonly (HashForm & { readonly name: string })[] = [
  { name: "SHA-256", algorithm: "sha256", truncated: false },
  { name: "SHA-256 in half", algorithm: "sha256", truncated: true },
  { name: "SHA-512", algorithm: "sha512", truncated: false },
  { name: "SHA-512 in half", algorithm: "sha512", truncated: true },
];
/** Around AES blocks, the JVM's 32 KiB cipher buffer, and beyond its 2 MiB chunks. */
const SIZES = [0, 1, 15, 16, 17, 32_767, 32_768, 32_769, 3_000_000];

describe("objects of ours and of the published jars", { skip: peer.missing ?? false }, () => {
  const jvm = new JvmDriver(peer.classpath ?? "");
  after(() => jvm[Symbol.asyncDispose]());
  const [alice, bob, carol] = [developmentParty(1), developmentParty(2), developmentParty(3)];

  describe("objects that ours seals", () => {
    for (const size of SIZES) {
      test(`of ${size} bytes: owner and audience open and verify them in the JVM`, async () => {
        const source = patternBytes(size);
        const sealed = await sealBytes({
          source,
          owner: alice.publicKey,
          audience: [bob.publicKey, carol.publicKey],
          signer: alice.key,
        });
        const container = base64Encode(storedContainer(sealed));
        for (const reader of [alice, bob, carol]) {
          const opened = await jvm.call("open", {
            container,
            privateKey: reader.privateKeyHex,
            expectedSigner: alice.publicKeyHex,
          });
          assert.equal(opened.length, size);
          assert.equal(opened.verified, true);
          assert(Buffer.from(opened.plaintext ?? "", "base64").equals(source));
        }
      });
    }

    test("from a stream of single bytes are the same to the JVM", async () => {
      const source = patternBytes(300);
      const { header, payload, sealed } = sealObject({
        source: (async function* () {
          for (const byte of source) yield Uint8Array.of(byte);
        })(),
        owner: alice.publicKey,
        audience: [],
        signer: bob.key,
      });
      const pieces: Uint8Array[] = [];
      for await (const piece of payload) pieces.push(piece);
      const container = storedContainer({
        header,
        payload: Buffer.concat(pieces),
        objectUuid: "" as never,
        seal: await sealed,
      });
      const opened = await jvm.call("open", { container: base64Encode(container), privateKey: alice.privateKeyHex });
      assert.deepEqual([opened.plaintext, opened.verified], [base64Encode(source), true]);
    });

    test("have the audience in the JVM's order: extra readers first, the owner last and once", async () => {
      const sealed = await sealBytes({
        source: utf8Encode("order"),
        owner: alice.publicKey,
        audience: [carol.publicKey, alice.publicKey, bob.publicKey, carol.publicKey],
        signer: alice.key,
        metadata: [["NOTE", "ü"]],
        mailType: "FRAGMENT_REQUEST",
      });
      const parsed = await jvm.call("parse", { container: base64Encode(storedContainer(sealed)) });
      assert.equal(parsed.owner, alice.publicKey.base64);
      assert.deepEqual(parsed.audience, [
        { publicKey: carol.publicKey.base64, context: "RETRIEVAL" },
        { publicKey: bob.publicKey.base64, context: "RETRIEVAL" },
        { publicKey: alice.publicKey.base64, context: "SUBMISSION" },
      ]);
      assert.equal(parsed.uuid, sealed.objectUuid);
      assert.equal(parsed.metadata.NOTE, "ü");
      assert.equal(parsed.metadata["P8EAPI::TYPE"], "FRAGMENT_REQUEST");
      assert.equal(parsed.metadata.SIGNATURE_PUBLIC_KEY, alice.publicKey.pem);
    });

    test("have a protobuf that the JVM writes back byte for byte", async () => {
      const sealed = await sealBytes({
        source: utf8Encode("canonical"),
        owner: alice.publicKey,
        audience: [bob.publicKey],
        signer: alice.key,
      });
      const container = storedContainer(sealed);
      const parsed = await jvm.call("parse", { container: base64Encode(container) });
      assert.equal(parsed.dime, base64Encode(parseContainer(container).header.sections.envelope));
    });

    test("and altered in one bit anywhere give an error or the original, on both sides alike", async () => {
      const plaintext = utf8Encode("every bit counts");
      const sealed = await sealBytes({
        source: plaintext,
        owner: alice.publicKey,
        audience: [bob.publicKey],
        signer: alice.key,
      });
      const container = storedContainer(sealed);
      /** Where the header ends that neither side can check: a flip behind it must be refused by both. */
      const payloadStart = container.length - sealed.payload.length;
      const outcomes = { bothOpened: 0, bothRefused: 0, onlyOursRefused: 0 };
      for (let at = 0; at < container.length; at++) {
        const altered = container.slice();
        altered[at] = (altered[at] ?? 0) ^ (1 << (at % 8));
        const ours = await openStored(altered, bob).catch((error: { code?: string }) => {
          assert(error.code !== undefined, `byte ${at}: ${error}`);
        });
        const theirs = await jvm
          .call("open", { container: base64Encode(altered), privateKey: bob.privateKeyHex })
          .catch((error: JvmError) => ({ verified: false, plaintext: undefined, type: error.type }));
        if (ours) assert.deepEqual(ours.plaintext, plaintext, `byte ${at}`);
        if (theirs.verified) assert.equal(theirs.plaintext, base64Encode(plaintext), `byte ${at}`);
        if (at >= payloadStart) assert(!ours && !theirs.verified, `byte ${at} of the payload`);
        if (ours) assert(theirs.verified, `byte ${at}: ours opens it, the JVM says ${JSON.stringify(theirs)}`);
        outcomes[ours ? "bothOpened" : theirs.verified ? "onlyOursRefused" : "bothRefused"] += 1;
      }
      // Ours is stricter about the text of base64 and PEM; about a dozen of the container's bytes.
      assert(outcomes.onlyOursRefused < 20, JSON.stringify(outcomes));
      assert(outcomes.bothRefused > 700, JSON.stringify(outcomes));
    });
  });

  describe("objects that the JVM seals", () => {
    for (const form of FORMS) {
      test(`under ${form.name}: ours gets the hash that we compute, opens and verifies`, async () => {
        const plaintext = patternBytes(5000);
        const sealed = await jvm.call("seal", {
          plaintext: base64Encode(plaintext),
          owner: alice.publicKeyHex,
          audience: [bob.publicKeyHex],
          signer: carol.privateKeyHex,
          sha256: form.algorithm === "sha256",
          lo: form.truncated,
        });
        assert.equal(sealed.hash, hashContent(plaintext, form));
        const opened = await openStored(storedJvmContainer(sealed), bob, {
          expectedHash: parseContentHash(sealed.hash),
          expectedSigners: [carol.publicKey],
        });
        assert.deepEqual(opened.plaintext, plaintext);
        assert.equal(opened.signerExpected, true);
        assert(opened.signer.equals(carol.publicKey));
        assert.equal(opened.objectUuid, sealed.uuid);
      });
    }

    for (const size of SIZES) {
      test(`of ${size} bytes: every reader of ours opens them, whole and streaming`, async () => {
        const plaintext = patternBytes(size);
        const sealed = await jvm.call("seal", {
          plaintext: base64Encode(plaintext),
          owner: alice.publicKeyHex,
          audience: [bob.publicKeyHex, carol.publicKeyHex],
          signer: alice.privateKeyHex,
        });
        const container = storedJvmContainer(sealed);
        const expectedHash = parseContentHash(sealed.hash);
        for (const reader of [alice, bob, carol]) {
          const opened = await openStored(container, reader, { expectedHash });
          assert(Buffer.from(opened.plaintext).equals(plaintext));
        }
        const { header, payload } = parseContainer(container);
        const source = async function* () {
          for (let at = 0; at < payload.length; at += 40_000) yield payload.subarray(at, at + 40_000);
        };
        using verified = await verifyContainer({ header, payload: source, key: bob.key, expectedHash });
        const pieces: Uint8Array[] = [];
        for await (const piece of verified.read()) pieces.push(piece);
        assert(Buffer.concat(pieces).equals(plaintext));
      });
    }

    test("for an owner who is also in the audience have two entries; ours opens with the first", async () => {
      const sealed = await jvm.call("seal", {
        plaintext: base64Encode(utf8Encode("twice")),
        owner: alice.publicKeyHex,
        audience: [alice.publicKeyHex],
        signer: alice.privateKeyHex,
      });
      const container = storedJvmContainer(sealed);
      const envelope = decodeEnvelope(parseContainer(container).header.sections.envelope);
      assert.equal(envelope.audience.length, 2);
      assert.deepEqual((await openStored(container, alice)).plaintext, utf8Encode("twice"));
    });

    test("and signed with SHA-256 fail for every reader, ours and theirs", async () => {
      const sealed = await jvm.call("seal", {
        plaintext: base64Encode(utf8Encode("wrong digest")),
        owner: alice.publicKeyHex,
        signer: alice.privateKeyHex,
        signatureHash: "SHA256",
      });
      const container = storedJvmContainer(sealed);
      const opened = await jvm.call("open", { container: base64Encode(container), privateKey: alice.privateKeyHex });
      assert.equal(opened.verified, false);
      await assert.rejects(openStored(container, alice), { code: "signature.invalid" });
    });

    test("open for nobody else: ours says who is missing, and what was tampered with", async () => {
      const sealed = await jvm.call("seal", {
        plaintext: base64Encode(utf8Encode("private")),
        owner: alice.publicKeyHex,
        signer: alice.privateKeyHex,
      });
      const container = storedJvmContainer(sealed);
      await assert.rejects(openStored(container, bob), { code: "envelope.no_recipient" });
      const flipped = container.slice();
      flipped[flipped.length - 1] = (flipped.at(-1) ?? 0) ^ 1;
      await assert.rejects(openStored(flipped, alice), { code: "envelope.tampered" });
      await assert.rejects(openStored(container, alice, { expectedSigners: [bob.publicKey] }), {
        code: "signature.unexpected_signer",
      });
    });
  });

  test("with BouncyCastle ahead of the JDK's own providers everything opens and is refused just the same", async () => {
    await using other = new JvmDriver(peer.classpath ?? "", { bouncyCastleFirst: true });
    const source = patternBytes(200_000);
    const sealed = await sealBytes({ source, owner: alice.publicKey, audience: [bob.publicKey], signer: alice.key });
    const container = storedContainer(sealed);
    const request = { privateKey: bob.privateKeyHex, expectedSigner: alice.publicKeyHex };
    const opened = await other.call("open", { ...request, container: base64Encode(container) });
    assert.deepEqual([opened.verified, opened.plaintext], [true, base64Encode(source)]);
    container[container.length - 1] = (container.at(-1) ?? 0) ^ 1;
    await assert.rejects(other.call("open", { ...request, container: base64Encode(container) }), {
      type: "java.io.IOException",
    });
    const theirs = await other.call("seal", {
      plaintext: base64Encode(source),
      owner: alice.publicKeyHex,
      signer: alice.privateKeyHex,
      deterministic: true,
    });
    assert.equal(theirs.signature, base64Encode(await signBytes(alice.key, source, "SHA512withECDDSA")));
    assert.deepEqual((await openStored(storedJvmContainer(theirs), alice)).plaintext, source);
  });
});
