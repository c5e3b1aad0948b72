import assert from "node:assert/strict";
import { createHook } from "node:async_hooks";
import { describe, it } from "node:test";
import { hexEncode, utf8Encode } from "@p8e/core";
import {
  decryptMnemonic,
  decryptPrivateKeys,
  encryptMnemonic,
  encryptPrivateKeys,
  keyFileContent,
  keyFilePublicKeys,
} from "@p8e/crypto";
import { codeOf, developmentKey, seededRandom } from "./fixtures.ts";

const key = developmentKey("dev-1");
const cost = { logN: 14, r: 8, p: 1 };
const one = { signing: key, encryption: key };
const text = await encryptPrivateKeys(one, "correct horse", { random: seededRandom("key file"), cost });

describe("a key file", () => {
  it("gives its key back for the passphrase", async () => {
    const back = await decryptPrivateKeys(text, "correct horse");
    assert.equal(back.signing.use(hexEncode), key.use(hexEncode));
    assert.equal(back.encryption, back.signing);
    assert.equal(keyFilePublicKeys(text).signing.base64, key.publicKey().base64);
    assert.equal(keyFilePublicKeys(text).encryption.base64, key.publicKey().base64);
  });

  it("opens for a passphrase given as bytes, and for the same text composed otherwise", async () => {
    assert.equal(await codeOf(() => decryptPrivateKeys(text, utf8Encode("correct horse"))), "ok");
    const accented = await encryptPrivateKeys(one, "caf\u00e9", { random: seededRandom("é"), cost });
    assert.equal(await codeOf(() => decryptPrivateKeys(accented, "cafe\u0301")), "ok");
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
    assert.equal(await codeOf(() => decryptPrivateKeys(text, "correct horse ")), "key.passphrase");
    assert.equal(await codeOf(() => decryptPrivateKeys(text, "")), "input.invalid");
    assert.equal(await codeOf(() => encryptPrivateKeys(one, "", { random: seededRandom(1), cost })), "input.invalid");
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
        await codeOf(() => decryptPrivateKeys(JSON.stringify({ ...file, ...change }), "correct horse")),
        "key.passphrase",
      );
    }
  });

  it("is refused before any work when it is none, or asks for too much or too little of it", async () => {
    const file = JSON.parse(text);
    for (const change of [
      { version: 2 },
      { version: 3 },
      { version: 0 },
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
      assert.equal(await codeOf(() => decryptPrivateKeys(changed, "correct horse")), "key.invalid", changed);
    }
    for (const other of ["", "{}", "null", "[]", `${text}x`, " ".repeat(5000) + text]) {
      assert.equal(await codeOf(() => decryptPrivateKeys(other, "correct horse")), "key.invalid");
    }
    const random = seededRandom(1);
    const tooMuch = { logN: 21, r: 8, p: 1 };
    assert.equal(await codeOf(() => encryptPrivateKeys(one, "x", { random, cost: tooMuch })), "input.invalid");
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

const two = { signing: developmentKey("dev-1"), encryption: developmentKey("dev-2") };
const both = await encryptPrivateKeys(two, "correct horse", { random: seededRandom("two keys"), cost });

describe("a key file of two keys", () => {
  it("gives both back for the passphrase, each for its use", async () => {
    const back = await decryptPrivateKeys(both, "correct horse");
    assert.equal(back.signing.use(hexEncode), two.signing.use(hexEncode));
    assert.equal(back.encryption.use(hexEncode), two.encryption.use(hexEncode));
    const named = keyFilePublicKeys(both);
    assert.equal(named.signing.base64, two.signing.publicKey().base64);
    assert.equal(named.encryption.base64, two.encryption.publicKey().base64);
  });

  it("derives the passphrase's key once", async () => {
    let derivations = 0;
    const hook = createHook({ init: (_id, type) => void (type === "SCRYPTREQUEST" && derivations++) }).enable();
    try {
      await decryptPrivateKeys(both, "correct horse");
    } finally {
      hook.disable();
    }
    assert.equal(derivations, 1);
  });

  it("stays shut when its public keys change places, and when it says that it holds one", async () => {
    const { signingKey, encryptionKey, version, kind, ...rest } = JSON.parse(both);
    const swapped = { kind, version, signingKey: encryptionKey, encryptionKey: signingKey, ...rest };
    assert.equal(await codeOf(() => decryptPrivateKeys(JSON.stringify(swapped), "correct horse")), "key.passphrase");
    const single = { kind, version: 1, publicKey: signingKey, ...rest };
    assert.equal(await codeOf(() => decryptPrivateKeys(JSON.stringify(single), "correct horse")), "key.invalid");
  });

  it("of a newer version is named as newer", async () => {
    const newer = JSON.stringify({ ...JSON.parse(both), version: 3 });
    await assert.rejects(decryptPrivateKeys(newer, "correct horse"), {
      code: "key.invalid",
      facts: { version: 3, newest: 2 },
    });
  });

  it("opens or is written for nobody who has given up", async () => {
    const signal = AbortSignal.abort();
    assert.equal(await codeOf(() => decryptPrivateKeys(both, "correct horse", { signal })), "rpc.cancelled");
    const random = seededRandom(1);
    assert.equal(await codeOf(() => encryptPrivateKeys(two, "x", { random, cost, signal })), "rpc.cancelled");
  });
});

describe("a file of words", () => {
  const words = utf8Encode("one two three");

  it("gives them back for the passphrase, and shows neither them nor how many they are", async () => {
    const random = seededRandom("words");
    const sealed = await encryptMnemonic(words, "correct horse", { random, cost });
    const longer = await encryptMnemonic(utf8Encode("word ".repeat(50)), "correct horse", { random, cost });
    assert.deepEqual(await decryptMnemonic(sealed, "correct horse"), words);
    assert.equal(sealed.length, longer.length);
    assert.equal(sealed.includes("three"), false);
    assert.equal(await codeOf(() => decryptMnemonic(sealed, "another")), "key.passphrase");
  });

  it("is told from a file of keys, and neither is read as the other", async () => {
    const sealed = await encryptMnemonic(words, "correct horse", { random: seededRandom(3), cost });
    assert.deepEqual(
      [keyFileContent(sealed), keyFileContent(text), keyFileContent(both)],
      ["mnemonic", "keys", "keys"],
    );
    assert.deepEqual([keyFileContent("{}"), keyFileContent("one two three")], [undefined, undefined]);
    assert.equal(await codeOf(() => decryptPrivateKeys(sealed, "correct horse")), "key.invalid");
    assert.equal(await codeOf(() => decryptMnemonic(text, "correct horse")), "key.invalid");
  });

  it("has room for 24 words and not for more than 256 bytes", async () => {
    const random = seededRandom(4);
    assert.equal(await codeOf(() => encryptMnemonic(new Uint8Array(257), "x", { random, cost })), "input.invalid");
  });
});
