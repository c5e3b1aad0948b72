// The known answers for keys, ECDH and signatures, given to the published jars: they must read every entry, and write
// the same bytes wherever nothing is random.
import assert from "node:assert/strict";
import { after, describe, test } from "node:test";
import { findJvmPeer, JvmDriver } from "../driver.ts";
import { base64, developmentKey, hexToBase64, type KeyVector, vector, vectors } from "../vectors.ts";

const peer = await findJvmPeer();

describe("vectors: keys and signatures", { skip: peer.missing ?? false }, () => {
  const jvm = new JvmDriver(peer.classpath ?? "");
  after(() => jvm[Symbol.asyncDispose]());
  const dev1 = developmentKey(1);

  describe("keys.json", () => {
    const withKeys = vectors<Partial<KeyVector>>("keys").filter(
      (each): each is KeyVector & { id: string } => each.publicKeyProtoHex !== undefined,
    );

    test("has the development, console and integration-test parties", () => {
      assert.equal(withKeys.length, 16);
    });

    for (const each of withKeys) {
      test(`${each.id}: the jars derive the same public key, encodings and addresses`, async () => {
        const key = await jvm.call("privateKey", { privateKey: each.privateKey });
        assert.equal(key.publicKey, each.publicKeyUncompressed);
        assert.equal(key.compressed, each.publicKeyCompressed);
        assert.equal(key.privateKeyProto, each.privateKeyProtoHex);
        assert.equal(key.storeHex, each.publicKeyProtoHex);
        assert.equal(key.proto, each.publicKeyProtoHex.toLowerCase());
        assert.equal(key.audienceText, each.publicKeyBase64);
        const given = {
          mainnetAddress: each.addressMainnet,
          testnetAddress: each.addressTestnet,
          publicKeyPem: each.publicKeyPem,
          privateKeyPem: each.privateKeyPem,
          publicKeySpki: each.spkiDerHex,
          privateKeyPkcs8: each.pkcs8DerHex,
        };
        for (const [name, expected] of Object.entries(given)) {
          if (expected !== undefined) assert.equal(key[name as keyof typeof given], expected, name);
        }
        assert.equal((await jvm.call("publicKeyProto", { proto: each.publicKeyProtoHex })).publicKey, key.publicKey);
        assert.equal((await jvm.call("publicKeyPem", { pem: key.publicKeyPem })).publicKey, key.publicKey);
      });
    }

    test("wallet-js-40: the jars give every wallet's address", async () => {
      const { keys } = vector<{ keys: { privateKey: string; address: string; publicKeyCompressed: string }[] }>(
        "keys",
        "wallet-js-40",
      );
      assert.equal(keys.length, 40);
      for (const each of keys) {
        const key = await jvm.call("privateKey", { privateKey: each.privateKey });
        assert.equal(key.compressed, each.publicKeyCompressed);
        assert.equal(each.address.startsWith("tp1") ? key.testnetAddress : key.mainnetAddress, each.address);
      }
    });

    for (const each of vectors<{ privateKeyProtoHex: string; privateKey: string }>("keys").filter((one) =>
      one.id.startsWith("privproto-"),
    )) {
      test(`${each.id}: the jars read a short scalar and write it as short`, async () => {
        const read = await jvm.call("privateKeyProto", { proto: each.privateKeyProtoHex });
        assert.equal(BigInt(`0x${read.scalar}`), BigInt(`0x${each.privateKey}`));
        assert.equal(read.rewritten, each.privateKeyProtoHex);
      });
    }

    test("pubkey-invalid: the jars refuse points off the curve and infinity", async () => {
      for (const publicKey of vector<{ rejected: string[] }>("keys", "pubkey-invalid").rejected) {
        await assert.rejects(jvm.call("publicKey", { publicKey }), {
          type: "java.security.spec.InvalidKeySpecException",
        });
      }
    });

    test("pubkey-invalid: the jars read compressed and hybrid points, which ours reads and refuses", async () => {
      assert.equal(
        (await jvm.call("publicKey", { publicKey: dev1.publicKeyCompressed })).publicKey,
        dev1.publicKeyUncompressed,
      );
      const isOdd = dev1.publicKeyCompressed.startsWith("03");
      const hybrid = (isOdd ? "07" : "06") + dev1.publicKeyUncompressed.slice(2);
      assert.equal((await jvm.call("publicKey", { publicKey: hybrid })).publicKey, dev1.publicKeyUncompressed);
    });
  });

  describe("ecdh-hkdf.json", () => {
    interface EcdhVector {
      readonly recipientPrivateKey: string;
      readonly ephemeralPrivateKey: string;
      readonly ephemeralPublicKey: string;
      readonly sharedSecret: string;
      readonly hkdf64: string;
    }
    for (const each of vectors<EcdhVector>("ecdh-hkdf")) {
      test(`${each.id}: shared secret and derived keys are equal, leading zeros kept`, async () => {
        const agreed = await jvm.call("sharedSecret", {
          privateKey: each.recipientPrivateKey,
          publicKey: each.ephemeralPublicKey,
        });
        assert.equal(agreed.sharedSecret, each.sharedSecret);
        assert.equal(agreed.hkdf, each.hkdf64);
        const ephemeral = await jvm.call("privateKey", { privateKey: each.ephemeralPrivateKey });
        assert.equal(ephemeral.publicKey, each.ephemeralPublicKey);
      });
    }
  });

  describe("signatures.json", () => {
    interface SignatureVector {
      readonly privateKey: string;
      readonly messageUtf8: string;
      readonly algo: "SHA256withECDSA" | "SHA256withECDDSA" | "SHA512withECDSA" | "SHA512withECDDSA";
      readonly deterministic: boolean;
      readonly signatureDerBase64: string;
      readonly signatureProtoHex: string;
    }
    const publicKey = dev1.publicKeyUncompressed;

    for (const each of vectors<SignatureVector>("signatures").filter((one) => one.id.startsWith("sig_"))) {
      test(`${each.id}: verifies, and is reproduced when it is deterministic`, async () => {
        const data = base64(each.messageUtf8);
        const proto = hexToBase64(each.signatureProtoHex);
        assert.deepEqual((await jvm.call("verify", { publicKey, data, proto })).verified, true);
        const written = await jvm.call("sign", {
          privateKey: each.privateKey,
          data,
          signatureHash: each.algo.startsWith("SHA256") ? "SHA256" : "SHA512",
          deterministic: each.deterministic,
        });
        assert.equal(written.algo, each.algo);
        assert.equal(written.provider, "BC");
        if (each.deterministic) {
          assert.equal(written.signature, each.signatureDerBase64);
          assert.equal(written.streamSignature, each.signatureDerBase64);
          assert.equal(written.proto, proto);
        }
      });
    }

    test("high-s-twin: the jars verify a signature with a high s", async () => {
      const high = vector<SignatureVector>("signatures", "high-s-twin");
      const request = { publicKey, data: base64(high.messageUtf8), signature: high.signatureDerBase64 };
      assert.equal((await jvm.call("verify", { ...request, algo: "SHA512withECDSA" })).verified, true);
      assert.equal((await jvm.call("verifyStream", request)).verified, true);
    });

    test("rejected: the jars throw on malformed encodings and answer false for r = 0", async () => {
      const { cases } = vector<{ cases: { name: string; signatureHex: string }[] }>("signatures", "rejected");
      for (const each of cases) {
        const request = {
          publicKey,
          data: base64("hello provenance"),
          signature: hexToBase64(each.signatureHex),
          algo: "SHA512withECDSA",
        };
        if (each.name === "r=0") assert.equal((await jvm.call("verify", request)).verified, false);
        else await assert.rejects(jvm.call("verify", request), { type: "java.security.SignatureException" }, each.name);
      }
    });

    test("contract: both signatures verify over the contract's bytes; the deterministic one is reproduced", async () => {
      const contract = vector<{
        privateKey: string;
        contractProtoHex: string;
        signature: { proto: string };
        deterministicSignature: { algo: string; signature: string };
      }>("signatures", "contract");
      const data = hexToBase64(contract.contractProtoHex);
      assert.equal(
        (
          await jvm.call("reserialize", {
            classname: "io.provenance.scope.contract.proto.Contracts$Contract",
            message: data,
          })
        ).bytes,
        data,
      );
      const proto = hexToBase64(contract.signature.proto);
      assert.equal((await jvm.call("verify", { publicKey, data, proto })).verified, true);
      const written = await jvm.call("sign", { privateKey: contract.privateKey, data, deterministic: true });
      assert.deepEqual(
        { algo: written.algo, signature: written.signature },
        { algo: contract.deterministicSignature.algo, signature: contract.deterministicSignature.signature },
      );
    });

    test("a single-byte read of the signing stream loses the rest of the source, as the protocol note says", async () => {
      const read = await jvm.call("singleByteRead", { privateKey: dev1.privateKey, data: base64("abc") });
      assert.deepEqual(read.reads, [97, -1]);
    });
  });
});
