import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { hexEncode, utf8Encode } from "@p8e/core";
import { decryptPrivateKey, encryptPrivateKey, keyFilePublicKey } from "@p8e/crypto";
import { codeOf, developmentKey, seededRandom } from "./fixtures.ts";

const key = developmentKey("dev-1");
const cost = { logN: 14, r: 8, p: 1 };
const text = await encryptPrivateKey(key, "correct horse", { random: seededRandom("key file"), cost });

describe("a key file", () => {
  it("gives its key back for the passphrase", async () => {
    const back = await decryptPrivateKey(text, "correct horse");
    assert.equal(back.use(hexEncode), key.use(hexEncode));
    assert.equal(keyFilePublicKey(text).base64, key.publicKey().base64);
  });

  it("opens for a passphrase given as bytes, and for the same text composed otherwise", async () => {
    assert.equal(await codeOf(() => decryptPrivateKey(text, utf8Encode("correct horse"))), "ok");
    const accented = await encryptPrivateKey(key, "caf\u00e9", { random: seededRandom("é"), cost });
    assert.equal(await codeOf(() => decryptPrivateKey(accented, "cafe\u0301")), "ok");
  });

  it("holds neither the key nor the passphrase", () => {
    assert.equal(text.includes(key.use(hexEncode)), false);
    assert.equal(
      text.includes(
        Buffer.from(key.use((scalar) => scalar))
          .toString("base64")
          .slice(0, 20),
      ),
      false,
    );
    assert.equal(text.includes("horse"), false);
  });

  it("stays shut for another passphrase, and there is none that is empty", async () => {
    assert.equal(await codeOf(() => decryptPrivateKey(text, "correct horse ")), "key.passphrase");
    assert.equal(await codeOf(() => decryptPrivateKey(text, "")), "input.invalid");
    assert.equal(await codeOf(() => encryptPrivateKey(key, "", { random: seededRandom(1), cost })), "input.invalid");
  });

  it("stays shut when anything in it was changed", async () => {
    const file = JSON.parse(text);
    const salt = `${file.kdf.salt[0] === "A" ? "B" : "A"}${file.kdf.salt.slice(1)}`;
    const iv = `${file.cipher.iv[0] === "A" ? "B" : "A"}${file.cipher.iv.slice(1)}`;
    const sealed = `${file.sealed[0] === "A" ? "B" : "A"}${file.sealed.slice(1)}`;
    const publicKey = developmentKey("dev-2").publicKey().base64;
    for (const change of [
      { publicKey },
      { kdf: { ...file.kdf, salt } },
      { kdf: { ...file.kdf, logN: 15 } },
      { kdf: { ...file.kdf, p: 2 } },
      { cipher: { ...file.cipher, iv } },
      { sealed },
    ]) {
      assert.equal(
        await codeOf(() => decryptPrivateKey(JSON.stringify({ ...file, ...change }), "correct horse")),
        "key.passphrase",
      );
    }
  });

  it("is refused before any work when it is none, or asks for too much or too little of it", async () => {
    const file = JSON.parse(text);
    for (const change of [
      { version: 2 },
      { kind: "something else" },
      { kdf: { ...file.kdf, logN: 40 } },
      { kdf: { ...file.kdf, logN: 2 } },
      { kdf: { ...file.kdf, logN: 14.5 } },
      { kdf: { ...file.kdf, logN: "14" } },
      { kdf: { ...file.kdf, r: 1024 } },
      { kdf: { ...file.kdf, p: 64 } },
      { kdf: { ...file.kdf, name: "pbkdf2" } },
      { kdf: undefined },
      { cipher: { ...file.cipher, name: "aes-128-gcm" } },
      { sealed: file.sealed.slice(4) },
      { sealed: 1 },
      { publicKey: 1 },
      { more: true },
    ]) {
      const changed = JSON.stringify({ ...file, ...change });
      assert.equal(await codeOf(() => decryptPrivateKey(changed, "correct horse")), "key.invalid", changed);
    }
    for (const other of ["", "{}", "null", "[]", `${text}x`, " ".repeat(5000) + text]) {
      assert.equal(await codeOf(() => decryptPrivateKey(other, "correct horse")), "key.invalid");
    }
    const random = seededRandom(1);
    const tooMuch = { logN: 21, r: 8, p: 1 };
    assert.equal(await codeOf(() => encryptPrivateKey(key, "x", { random, cost: tooMuch })), "input.invalid");
  });

  it("is written for a person to look at", () => {
    assert.deepEqual(JSON.parse(text), {
      kind: "p8e private key",
      version: 1,
      publicKey: key.publicKey().base64,
      kdf: { name: "scrypt", logN: 14, r: 8, p: 1, salt: JSON.parse(text).kdf.salt },
      cipher: { name: "aes-256-gcm", iv: JSON.parse(text).cipher.iv },
      sealed: JSON.parse(text).sealed,
    });
    assert.ok(text.endsWith("}\n"));
  });
});
