import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync, statSync, symlinkSync } from "node:fs";
import { describe, it } from "node:test";
import { utf8Decode, utf8Encode } from "@p8e/core";
import { privateKeyFromMnemonic, systemRandom } from "@p8e/crypto";
import { createKeyFile, createSecretFile, permissionsAreChecked, readPublicKeys, readSecretFile } from "@p8e/keys";
import { CHEAP, codeOf, contextIn, Folder, PATHS, WORDS } from "./support.ts";

const keys = {
  signing: privateKeyFromMnemonic(WORDS, PATHS.signing),
  encryption: privateKeyFromMnemonic(WORDS, PATHS.encryption),
};

describe("a new key file", () => {
  it("is its owner's alone, and is never written over another", async () => {
    using folder = new Folder();
    await createKeyFile(folder.at("keys"), { kind: "keys", keys }, { kind: "plain" });
    assert.equal(statSync(folder.at("keys")).mode & 0o777, 0o600);
    const before = readFileSync(folder.at("keys"), "utf8");
    assert.match(before, /^0A2[01][0-9A-F]{64,66}\n0A2[01][0-9A-F]{64,66}\n$/);
    const words = { kind: "words", words: WORDS } as const;
    assert.equal(await codeOf(() => createKeyFile(folder.at("keys"), words, { kind: "plain" })), "key.exists");
    assert.equal(readFileSync(folder.at("keys"), "utf8"), before);
  });

  it("is not written through a link that leads nowhere", async () => {
    using folder = new Folder();
    symlinkSync(folder.at("elsewhere"), folder.at("link"));
    assert.equal(await codeOf(() => createSecretFile(folder.at("link"), "x")), "key.exists");
    assert.equal(await codeOf(() => readSecretFile(folder.at("elsewhere"), { sizeMax: 10 })), "key.unavailable");
  });

  it("needs a folder that is there", async () => {
    using folder = new Folder();
    assert.equal(await codeOf(() => createSecretFile(folder.at("no/keys"), "x")), "key.unavailable");
  });

  it("is written once by however many try at the same time", async () => {
    using folder = new Folder();
    const outcomes = await Promise.all(
      Array.from({ length: 20 }, (_, index) => codeOf(() => createSecretFile(folder.at("one"), `content ${index}`))),
    );
    assert.equal(outcomes.filter((outcome) => outcome === "ok").length, 1);
    assert.equal(outcomes.filter((outcome) => outcome === "key.exists").length, 19);
    assert.equal(readFileSync(folder.at("one"), "utf8"), `content ${outcomes.indexOf("ok")}`);
  });

  it("under a passphrase asks for a new one, shows its public keys, and nothing else", async () => {
    using folder = new Folder();
    const context = contextIn(folder);
    const protection = {
      kind: "passphrase",
      passphrase: context.passphrase,
      random: systemRandom,
      cost: CHEAP,
    } as const;
    await createKeyFile(folder.at("keys"), { kind: "keys", keys }, protection);
    assert.deepEqual(context.asked, [{ purpose: "create", what: folder.at("keys"), signal: undefined }]);
    const bytes = await readSecretFile(folder.at("keys"), { sizeMax: 4096 });
    const named = readPublicKeys(bytes);
    assert.equal(named.signing.base64, keys.signing.publicKey().base64);
    assert.equal(named.encryption.base64, keys.encryption.publicKey().base64);
    assert.deepEqual(Object.keys(JSON.parse(utf8Decode(bytes))), [
      ...["kind", "version", "signingKey", "encryptionKey", "kdf", "cipher", "sealed"],
    ]);
  });
});

describe("a file with a secret", () => {
  it("is read when it is as large as it may be, and refused a byte above", async () => {
    using folder = new Folder();
    folder.write("file", "x".repeat(100));
    assert.equal((await readSecretFile(folder.at("file"), { sizeMax: 100 })).length, 100);
    assert.equal(await codeOf(() => readSecretFile(folder.at("file"), { sizeMax: 99 })), "input.too_large");
  });

  it("is refused when anybody else has any access to it", async () => {
    using folder = new Folder();
    for (const mode of [0o640, 0o604, 0o620, 0o602, 0o610, 0o601, 0o644, 0o777]) {
      folder.write("file", "x", mode);
      assert.equal(
        await codeOf(() => readSecretFile(folder.at("file"), { sizeMax: 9 })),
        "key.exposed",
        mode.toString(8),
      );
    }
    for (const mode of [0o600, 0o400, 0o700]) {
      folder.write("file", "x", mode);
      assert.equal(await codeOf(() => readSecretFile(folder.at("file"), { sizeMax: 9 })), "ok", mode.toString(8));
    }
  });

  it("keeps nobody waiting who names a pipe without a writer, or a device", async () => {
    using folder = new Folder();
    execFileSync("mkfifo", ["-m", "600", folder.at("pipe")]);
    for (const path of [folder.at("pipe"), "/dev/zero", "/dev/null", folder.path]) {
      assert.equal(await codeOf(() => readSecretFile(path, { sizeMax: 10 })), "key.invalid", path);
    }
  });

  it("on Windows has no permissions to look at", () => {
    assert.equal(permissionsAreChecked("win32"), false);
    assert.equal(permissionsAreChecked("linux"), true);
    assert.equal(permissionsAreChecked("darwin"), true);
  });

  it("goes back as it was written", async () => {
    using folder = new Folder();
    await createSecretFile(folder.at("file"), utf8Encode("secret"));
    assert.deepEqual(await readSecretFile(folder.at("file"), { sizeMax: 6 }), utf8Encode("secret"));
  });
});
