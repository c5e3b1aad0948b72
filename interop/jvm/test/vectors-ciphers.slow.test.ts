// The known answers for the AES frame and ECIES, given to the published jars: they must read every entry, and write the
// same bytes wherever nothing is random.
import assert from "node:assert/strict";
import { after, describe, test } from "node:test";
import { findJvmPeer, JvmDriver } from "../driver.ts";
import { base64, base64ToHex, developmentKey, hexToBase64, vector, vectors } from "../vectors.ts";

const peer = await findJvmPeer();

describe("vectors: ciphers", { skip: peer.missing ?? false }, () => {
  const jvm = new JvmDriver(peer.classpath ?? "");
  after(() => jvm[Symbol.asyncDispose]());

  describe("aes-gcm.json", () => {
    interface FrameVector {
      readonly key: string;
      readonly ivHex: string;
      readonly aadUtf8: string;
      readonly plaintextHex: string;
      readonly frameHex: string;
    }
    for (const each of vectors<FrameVector>("aes-gcm").filter((one) => one.frameHex !== undefined)) {
      test(`${each.id}: both encryptors write the frame, all four readers open it`, async () => {
        const plaintext = hexToBase64(each.plaintextHex);
        for (const form of ["bytes", "stream"] as const) {
          const request = { key: each.key, aad: each.aadUtf8, form };
          const { frame } = await jvm.call("aesEncrypt", { ...request, plaintext, iv: each.ivHex });
          assert.equal(base64ToHex(frame), each.frameHex);
          for (const reader of ["aes", "envelope"] as const) {
            assert.equal((await jvm.call("aesDecrypt", { ...request, frame, reader })).plaintext, plaintext);
          }
        }
      });
    }

    interface FileVector {
      readonly entryKeyHex: string;
      readonly ivHex: string;
      readonly hash: string;
      readonly text: string;
      readonly value: string;
    }
    for (const each of vectors<FileVector>("file-name")) {
      test(`${each.id} of file-name.json: both encryptors write the entry, all four readers open it`, async () => {
        const plaintext = base64(each.text);
        for (const form of ["bytes", "stream"] as const) {
          const request = { key: each.entryKeyHex, aad: each.hash, form };
          assert.equal((await jvm.call("aesEncrypt", { ...request, plaintext, iv: each.ivHex })).frame, each.value);
          for (const reader of ["aes", "envelope"] as const) {
            assert.equal(
              (await jvm.call("aesDecrypt", { ...request, frame: each.value, reader })).plaintext,
              plaintext,
            );
          }
        }
      });
    }

    test("big-200000: both encryptors write the same frame", async () => {
      const { createHash } = await import("node:crypto");
      const big = vector<{ key: string; ivHex: string; plaintextSha256: string; frameSha256: string }>(
        "aes-gcm",
        "big-200000",
      );
      const plaintext = Uint8Array.from({ length: 200_000 }, (_, index) => index % 251);
      assert.equal(createHash("sha256").update(plaintext).digest("hex"), big.plaintextSha256);
      for (const form of ["bytes", "stream"] as const) {
        const written = await jvm.call("aesEncrypt", {
          key: big.key,
          iv: big.ivHex,
          form,
          aad: "",
          plaintext: base64(plaintext),
        });
        assert.equal(
          createHash("sha256").update(Buffer.from(written.frame, "base64")).digest("hex"),
          big.frameSha256,
          form,
        );
      }
    });

    test("decrypt-behaviour: lengths of the IV that each reader takes, and what it throws", async () => {
      const hello = vector<FrameVector>("aes-gcm", "hello");
      const attempt = async (reader: "aes" | "envelope", form: "bytes" | "stream", frameHex: string) => {
        try {
          const opened = await jvm.call("aesDecrypt", {
            key: hello.key,
            aad: "",
            reader,
            form,
            frame: hexToBase64(frameHex),
          });
          return `opened ${opened.plaintext}`;
        } catch (error) {
          const thrown = error as { type: string; causes: string[] };
          return [thrown.type, ...thrown.causes].map((name) => name.split(".").at(-1)).join(" <- ");
        }
      };
      const withIv = (length: number) =>
        `${(length >>> 0).toString(16).padStart(8, "0")}${"00".repeat(Math.max(length, 0))}${"ab".repeat(21)}`;
      for (const length of [11, 16, 17, -1]) {
        assert.equal(await attempt("aes", "bytes", withIv(length)), "ProvenanceIvVectorException", `bytes ${length}`);
        assert.equal(
          await attempt("aes", "stream", withIv(length)),
          "CryptoException <- ProvenanceIvVectorException",
          `stream ${length}`,
        );
      }
      for (const length of [11, 17, -1]) {
        assert.equal(await attempt("envelope", "bytes", withIv(length)), "IllegalArgumentException");
        assert.equal(await attempt("envelope", "stream", withIv(length)), "IllegalArgumentException");
      }
      assert.equal(await attempt("envelope", "bytes", withIv(16)), "AEADBadTagException");
      assert.equal(await attempt("envelope", "stream", withIv(16)), "IOException <- AEADBadTagException");
      const badTag = hello.frameHex.replace(/..$/, "ff");
      assert.equal(await attempt("aes", "bytes", badTag), "CryptoException <- AEADBadTagException");
      assert.equal(await attempt("aes", "stream", badTag), "IOException <- AEADBadTagException");
      for (const reader of ["aes", "envelope"] as const) {
        assert.equal(await attempt(reader, "bytes", ""), "opened ");
        assert.equal(await attempt(reader, "stream", ""), "opened ");
      }
      assert.equal(await attempt("aes", "bytes", "000000"), "CryptoException <- BufferUnderflowException");
      assert.equal(await attempt("aes", "stream", "000000"), "CryptoException <- ProvenanceIvVectorException");
    });

    test("zero-iv-flag-decrypt: the flag only drops the length header", async () => {
      const zero = vector<{
        key: string;
        byteFormInputHex: string;
        streamFormInputHex: string;
        plaintextHex: string;
      }>("aes-gcm", "zero-iv-flag-decrypt");
      for (const [form, input] of [
        ["bytes", zero.byteFormInputHex],
        ["stream", zero.streamFormInputHex],
      ] as const) {
        const opened = await jvm.call("aesDecrypt", {
          key: zero.key,
          aad: "",
          reader: "aes",
          form,
          zeroIv: true,
          frame: hexToBase64(input),
        });
        assert.equal(base64ToHex(opened.plaintext), zero.plaintextHex, form);
      }
    });
  });

  describe("ecies.json", () => {
    interface EciesVector {
      readonly recipientPrivateKey: string;
      readonly plaintextUtf8: string;
      readonly aadUtf8: string | null;
      readonly ephemeralPublicKeyBase64: string;
      readonly tagBase64: string;
      readonly encryptedDataBase64: string;
    }
    const cryptograms = vectors<EciesVector>("ecies").filter((one) => one.tagBase64 !== undefined);
    const cryptogramOf = (each: EciesVector) => ({
      privateKey: each.recipientPrivateKey,
      ephemeralPublicKey: each.ephemeralPublicKeyBase64,
      tag: each.tagBase64,
      encryptedData: each.encryptedDataBase64,
    });

    for (const each of cryptograms) {
      test(`${each.id}: both decryptors open it; no AAD and an empty one are the same`, async () => {
        const aads = each.aadUtf8 ? [{ aad: each.aadUtf8 }] : [{}, { aad: "" }];
        for (const aad of aads) {
          for (const experimental of [false, true]) {
            const opened = await jvm.call("eciesDecrypt", { ...cryptogramOf(each), ...aad, experimental });
            assert.equal(opened.plaintext, base64(each.plaintextUtf8));
          }
        }
      });
    }

    test("errors: each fault has the error that the entry names", async () => {
      const [first] = cryptograms;
      assert(first);
      const good = cryptogramOf(first);
      const invalidMac = { type: "io.provenance.scope.encryption.ecies.ProvenanceECIESDecryptException" };
      await assert.rejects(jvm.call("eciesDecrypt", { ...good, aad: "other" }), invalidMac);
      await assert.rejects(jvm.call("eciesDecrypt", { ...good, privateKey: developmentKey(2).privateKey }), invalidMac);
      const altered = Buffer.from(good.encryptedData, "base64");
      altered[20] = (altered[20] ?? 0) ^ 1;
      await assert.rejects(jvm.call("eciesDecrypt", { ...good, encryptedData: base64(altered) }), {
        type: "io.provenance.scope.encryption.CryptoException",
        causes: ["javax.crypto.AEADBadTagException"],
      });
      const ephemeral = await jvm.call("publicKey", { publicKey: base64ToHex(good.ephemeralPublicKey) });
      const negated = Buffer.from(ephemeral.compressed, "hex");
      negated[0] = negated[0] === 2 ? 3 : 2;
      for (const form of [ephemeral.compressed, negated.toString("hex")]) {
        const opened = await jvm.call("eciesDecrypt", { ...good, ephemeralPublicKey: hexToBase64(form) });
        assert.equal(opened.plaintext, base64(first.plaintextUtf8), "compressed and negated ephemeral keys both open");
      }
    });
  });
});
