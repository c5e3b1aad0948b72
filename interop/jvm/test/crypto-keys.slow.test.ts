// Keys, signatures, cryptograms and the older text envelopes: our crypto against the published jars, both ways.
import assert from "node:assert/strict";
import { after, describe, test } from "node:test";
import { toBinary } from "@bufbuild/protobuf";
import { base64Decode, base64Encode, hexDecode, hexEncode, networks, utf8Encode } from "@p8e/core";
import {
  accountAddress,
  generatePrivateKey,
  openCryptogram,
  openTextEnvelope,
  parsePrivateKey,
  parsePublicKey,
  privateKeyToPkcs8,
  privateKeyToProto,
  privateKeyToSec1Pem,
  publicKeyFromPem,
  type SignatureAlgorithm,
  sealCryptogram,
  signBytes,
  signMessage,
  systemRandom,
  verifyBytes,
} from "@p8e/crypto";
import { decodeEnvelope } from "@p8e/envelope";
import * as scope from "@p8e/proto/scope";
import { findJvmPeer, JvmDriver } from "../driver.ts";
import { developmentParty, party, patternBytes, strangerParty } from "../ours.ts";

const peer = await findJvmPeer();

describe("keys, signatures and cryptograms of ours and of the published jars", { skip: peer.missing ?? false }, () => {
  const jvm = new JvmDriver(peer.classpath ?? "");
  after(() => jvm[Symbol.asyncDispose]());
  const [alice, bob, carol] = [developmentParty(1), developmentParty(2), developmentParty(3)];

  test("text envelopes of the JVM, with and without their base64 layer, open in ours", async () => {
    for (const legacyEncoding of [true, false]) {
      const sealed = await jvm.call("sealText", {
        text: '{"é":1}',
        owner: alice.publicKeyHex,
        audience: [bob.publicKeyHex],
        aad: "AAD",
        legacyEncoding,
      });
      const envelope = decodeEnvelope(base64Decode(sealed.dime));
      const payloadAssociatedData = "AAD";
      const owner = await openTextEnvelope({
        envelope,
        key: alice.key,
        payloadAssociatedData,
        entryAssociatedData: "AAD",
      });
      const transfer = await openTextEnvelope({ envelope, key: bob.key, payloadAssociatedData });
      assert.deepEqual([owner, transfer], [utf8Encode('{"é":1}'), utf8Encode('{"é":1}')]);
    }
  });

  test("cryptograms open both ways, with and without associated data", async () => {
    for (const aad of [undefined, "", "aäd"]) {
      const secret = patternBytes(44);
      const associated = aad === undefined ? {} : { aad };
      const ours = sealCryptogram(bob.publicKey, secret, { random: systemRandom, associatedData: aad ?? "" });
      const opened = await jvm.call("eciesDecrypt", {
        privateKey: bob.privateKeyHex,
        ephemeralPublicKey: base64Encode(ours.ephemeralPublicKey),
        tag: base64Encode(ours.tag),
        encryptedData: base64Encode(ours.encryptedData),
        ...associated,
      });
      assert.equal(opened.plaintext, base64Encode(secret));
      const theirs = await jvm.call("eciesEncrypt", {
        publicKey: bob.publicKeyHex,
        plaintext: base64Encode(secret),
        ...associated,
      });
      const cryptogram = {
        ephemeralPublicKey: base64Decode(theirs.ephemeralPublicKey),
        tag: base64Decode(theirs.tag),
        encryptedData: base64Decode(theirs.encryptedData),
      };
      assert.deepEqual(await openCryptogram(bob.key, cryptogram, { associatedData: aad ?? "" }), secret);
    }
  });

  describe("signatures", () => {
    const ALGORITHMS: readonly SignatureAlgorithm[] = [
      "SHA256withECDSA",
      "SHA256withECDDSA",
      "SHA512withECDSA",
      "SHA512withECDDSA",
    ];
    const messages = [0, 1, 64, 1000].map(patternBytes);

    for (const algorithm of ALGORITHMS) {
      test(`${algorithm}: what ours signs verifies there, and the reverse`, async () => {
        for (const message of messages) {
          const data = base64Encode(message);
          const ours = await signMessage(alice.key, message, algorithm);
          const proto = base64Encode(toBinary(scope.SignatureSchema, ours));
          const verdict = await jvm.call("verify", { publicKey: alice.publicKeyHex, data, proto });
          assert.equal(verdict.verified, true);
          const theirs = await jvm.call("sign", {
            privateKey: alice.privateKeyHex,
            data,
            signatureHash: algorithm.startsWith("SHA256") ? "SHA256" : "SHA512",
            deterministic: algorithm.endsWith("ECDDSA"),
          });
          assert.equal(theirs.algo, algorithm);
          assert(verifyBytes(alice.publicKey, message, base64Decode(theirs.signature), algorithm));
          assert(verifyBytes(alice.publicKey, message, base64Decode(theirs.streamSignature), algorithm));
          assert(!verifyBytes(bob.publicKey, message, base64Decode(theirs.signature), algorithm));
        }
      });
    }

    test("of the deterministic algorithms are equal byte for byte, message form included, for fifty keys", async () => {
      for (let round = 0; round < 50; round++) {
        const signer = round < 3 ? [alice, bob, carol][round]! : strangerParty();
        const message = patternBytes(round * 7);
        for (const [algorithm, signatureHash] of [
          ["SHA256withECDDSA", "SHA256"],
          ["SHA512withECDDSA", "SHA512"],
        ] as const) {
          const theirs = await jvm.call("sign", {
            privateKey: signer.privateKeyHex,
            data: base64Encode(message),
            signatureHash,
            deterministic: true,
          });
          assert.equal(base64Encode(await signBytes(signer.key, message, algorithm)), theirs.signature);
          const ours = await signMessage(signer.key, message, algorithm);
          assert.equal(base64Encode(toBinary(scope.SignatureSchema, ours)), theirs.proto);
        }
      }
    });

    test("of the JVM with random nonces verify in ours, either half of s", async () => {
      const message = utf8Encode("either half");
      for (let round = 0; round < 40; round++) {
        const { signature } = await jvm.call("sign", { privateKey: bob.privateKeyHex, data: base64Encode(message) });
        assert(verifyBytes(bob.publicKey, message, base64Decode(signature)), signature);
      }
    });
  });

  describe("keys", () => {
    /** Scalars whose encodings are short or have the sign bit set, and random ones. */
    const scalars = [
      "01",
      "7f",
      "80",
      "00ff",
      "0080000000000000000000000000000000000000000000000000000000000000",
      "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364140",
    ].map((hex) => parsePrivateKey(hexDecode(hex)));

    test("have the same encodings and addresses on both sides", async () => {
      for (const secret of [...scalars, ...Array.from({ length: 20 }, () => generatePrivateKey(systemRandom))]) {
        const ours = party(secret);
        const theirs = await jvm.call("privateKey", { privateKey: ours.privateKeyHex });
        assert.deepEqual(
          {
            publicKey: ours.publicKeyHex,
            compressed: hexEncode(ours.publicKey.compressed),
            audienceText: ours.publicKey.base64,
            publicKeyPem: ours.publicKey.pem,
            publicKeySpki: hexEncode(ours.publicKey.spki),
            storeHex: ours.publicKey.protoHex,
            privateKeyProto: hexEncode(privateKeyToProto(secret)).toUpperCase(),
            privateKeyPkcs8: hexEncode(privateKeyToPkcs8(secret)),
            privateKeyPem: new TextDecoder().decode(privateKeyToSec1Pem(secret)),
            mainnetAddress: accountAddress(ours.publicKey, networks.mainnet.accountPrefix),
            testnetAddress: accountAddress(ours.publicKey, networks.local.accountPrefix),
          },
          {
            publicKey: theirs.publicKey,
            compressed: theirs.compressed,
            audienceText: theirs.audienceText,
            publicKeyPem: theirs.publicKeyPem,
            publicKeySpki: theirs.publicKeySpki,
            storeHex: theirs.storeHex,
            privateKeyProto: theirs.privateKeyProto,
            privateKeyPkcs8: theirs.privateKeyPkcs8,
            privateKeyPem: theirs.privateKeyPem,
            mainnetAddress: theirs.mainnetAddress,
            testnetAddress: theirs.testnetAddress,
          },
        );
        assert(publicKeyFromPem(theirs.publicKeyPem).equals(ours.publicKey));
      }
    });

    test("agree on shared secrets", async () => {
      for (const secret of scalars) {
        const [one, other] = [party(secret), strangerParty()];
        const theirs = await jvm.call("sharedSecret", { privateKey: one.privateKeyHex, publicKey: other.publicKeyHex });
        const point = parsePublicKey(hexDecode(other.publicKeyHex));
        assert.equal(hexEncode(await one.key.sharedSecret(point)), theirs.sharedSecret);
      }
    });
  });
});
