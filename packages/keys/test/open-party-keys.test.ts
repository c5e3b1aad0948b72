import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { inspect } from "node:util";
import { hexEncode, isP8eError, utf8Decode } from "@p8e/core";
import { privateKeyFromMnemonic, privateKeyToSec1Pem, systemRandom } from "@p8e/crypto";
import { createKeyFile, type KeyScheme, keySchemes, openPartyKeys, parseKeyReference } from "@p8e/keys";
import { CHEAP, codeOf, contextIn, Folder, PASSPHRASE, PATHS, scryptRuns, WORDS } from "./support.ts";

const signing = privateKeyFromMnemonic(WORDS, PATHS.signing);
const encryption = privateKeyFromMnemonic(WORDS, PATHS.encryption);
const both = (text: string) => ({ signing: text, encryption: text });

async function folderWithKeys() {
  const folder = new Folder();
  const context = contextIn(folder);
  const protection = { kind: "passphrase", passphrase: context.passphrase, random: systemRandom, cost: CHEAP } as const;
  await createKeyFile(folder.at("keys.json"), { kind: "keys", keys: { signing, encryption } }, protection);
  await createKeyFile(folder.at("words.json"), { kind: "words", words: WORDS }, protection);
  folder.write("words", WORDS);
  folder.write("key.pem", utf8Decode(privateKeyToSec1Pem(signing)));
  return folder;
}

describe("the text of a key reference", () => {
  const read = (text: string) => {
    const { scheme, ...location } = parseKeyReference(text, keySchemes);
    return { scheme: scheme.name, ...location };
  };

  it("gives everything after the first colon to its scheme", () => {
    assert.deepEqual(read("file:C:\\keys\\lender.json"), { scheme: "file", source: "C:\\keys\\lender.json" });
    assert.deepEqual(read("file:/a b/what?path=m/1"), { scheme: "file", source: "/a b/what?path=m/1" });
    assert.deepEqual(read("mnemonic-file:C:\\a?path=b\\words?path=m/44'/1'/0'/0/0'"), {
      scheme: "mnemonic-file",
      source: "C:\\a?path=b\\words",
      path: "m/44'/1'/0'/0/0'",
    });
    assert.deepEqual(read("env:MY_KEY"), { scheme: "env", source: "MY_KEY" });
  });

  it("is refused with the schemes there are, and not repeated when it may be a secret", () => {
    for (const [text, message] of [
      ["vault:secret/p8e", /held in "vault:"/],
      ["", /SCHEME:WHERE/],
      ["keys.json", /SCHEME:WHERE/],
      ["C:\\keys.json", /SCHEME:WHERE/],
      [WORDS, /SCHEME:WHERE/],
      ["file:", /missing/],
      [`file:${"x".repeat(5000)}`, /SCHEME:WHERE/],
    ] as const) {
      assert.throws(
        () => parseKeyReference(text, keySchemes),
        (error) => {
          assert.ok(isP8eError(error));
          assert.equal(error.code, "configuration.invalid");
          assert.match(error.message, message);
          assert.deepEqual(error.facts.known, ["file:", "mnemonic-file:", "env:"]);
          assert.ok(!inspect(error).includes("wave sausage"));
          return true;
        },
      );
    }
    assert.throws(
      () => parseKeyReference(`env:${WORDS}`, keySchemes),
      (error) => {
        assert.ok(isP8eError(error) && error.code === "configuration.invalid");
        return !inspect(error).includes("sausage");
      },
    );
  });

  it("may be of a scheme that is added from outside", async () => {
    using folder = new Folder();
    const closed: string[] = [];
    const scheme: KeyScheme = {
      name: "shelf",
      locate: (text) => ({ source: text }),
      open: async (source, wanted) => ({
        keys: wanted.map(() => fixed),
        [Symbol.asyncDispose]: async () => void closed.push(source),
      }),
    };
    const fixed = { publicKey: signing.publicKey(), sharedSecret: assert.fail, signDigest: assert.fail };
    {
      const context = { ...contextIn(folder), schemes: [...keySchemes, scheme] };
      await using keys = await openPartyKeys({ signing: "shelf:a", encryption: "shelf:b" }, context);
      assert.equal(keys.signing, fixed);
    }
    assert.deepEqual(closed, ["b", "a"]);
  });
});

describe("the keys of a party", () => {
  it("in one file open with one passphrase and one scrypt", async () => {
    using folder = await folderWithKeys();
    for (const text of ["file:keys.json", "mnemonic-file:words.json"]) {
      const context = contextIn(folder);
      const runs = await scryptRuns(async () => {
        await using keys = await openPartyKeys(both(text), context);
        assert.equal(keys.signing.publicKey.base64, signing.publicKey().base64);
        assert.equal(keys.encryption.publicKey.base64, encryption.publicKey().base64);
      });
      assert.equal(runs, 1, text);
      const what = folder.at(text.slice(text.indexOf(":") + 1));
      assert.deepEqual(context.asked, [{ purpose: "open", what, signal: undefined }]);
    }
  });

  it("derived from one file of words by two paths open with one passphrase", async () => {
    using folder = await folderWithKeys();
    const context = contextIn(folder);
    const hardened = "m/44'/1'/0'/0/0'";
    await using keys = await openPartyKeys(
      { signing: `mnemonic-file:words.json?path=${hardened}`, encryption: "mnemonic-file:words.json" },
      context,
    );
    assert.equal(keys.signing.publicKey.base64, privateKeyFromMnemonic(WORDS, hardened).publicKey().base64);
    assert.equal(keys.encryption.publicKey.base64, encryption.publicKey().base64);
    assert.equal(context.asked.length, 1);
  });

  it("may be held in two ways", async () => {
    using folder = await folderWithKeys();
    const context = contextIn(folder, { variables: { WORDS } });
    await using keys = await openPartyKeys({ signing: "file:key.pem", encryption: "env:WORDS" }, context);
    assert.equal(keys.signing.publicKey.base64, signing.publicKey().base64);
    assert.equal(keys.encryption.publicKey.base64, encryption.publicKey().base64);
    assert.deepEqual(context.asked, []);
  });

  it("are closed when one of them cannot be opened", async () => {
    using folder = new Folder();
    let open = 0;
    const scheme: KeyScheme = {
      name: "counted",
      locate: (text) => ({ source: text }),
      async open() {
        open++;
        return { keys: [], [Symbol.asyncDispose]: async () => void open-- };
      },
    };
    const context = { ...contextIn(folder), schemes: [...keySchemes, scheme] };
    const references = { signing: "counted:x", encryption: "file:nothing" };
    assert.equal(await codeOf(() => openPartyKeys(references, context)), "key.unavailable");
    assert.equal(open, 0);
  });

  it("stay closed for whoever has given up", async () => {
    using folder = await folderWithKeys();
    const context = contextIn(folder, { signal: AbortSignal.abort() });
    assert.equal(await codeOf(() => openPartyKeys(both("file:keys.json"), context)), "rpc.cancelled");
    assert.deepEqual(context.asked, []);
  });
});

describe("keys that cannot be opened", () => {
  it("say why, which file or variable it was, and nothing of its content", async () => {
    using folder = await folderWithKeys();
    const scalar = signing.use(hexEncode);
    folder.write("exposed.hex", `0A20${scalar}`, 0o640);
    folder.write("writable.hex", `0A20${scalar}`, 0o602);
    folder.write("cut.pem", utf8Decode(privateKeyToSec1Pem(signing)).slice(0, 90));
    folder.write("cut.hex", `0A20${scalar.slice(0, -2)}`);
    folder.write("empty", "");
    folder.write("large", "0A".repeat(2049));
    folder.write("binary", Uint8Array.of(0, 255, 254, 10, 13, 200));
    folder.write("typo", WORDS.replace("title", "tittle"));
    const variables = {
      WORDS: WORDS.replace("title", "thank"),
      HEX: `0A20${scalar.slice(0, -2)}`,
      NONE: " ",
      LONG: "a ".repeat(600),
    };
    for (const [text, code, answer] of [
      ["file:keys.json", "key.passphrase", `${PASSPHRASE}!`],
      ["file:keys.json", "input.invalid", ""],
      ["mnemonic-file:words.json", "key.passphrase", "wrong"],
      ["file:none", "key.unavailable"],
      ["file:.", "key.invalid"],
      ["file:/dev/zero", "key.invalid"],
      ["file:exposed.hex", "key.exposed"],
      ["file:writable.hex", "key.exposed"],
      ["file:cut.pem", "key.invalid"],
      ["file:cut.hex", "key.invalid"],
      ["file:empty", "key.invalid"],
      ["file:large", "input.too_large"],
      ["file:binary", "key.invalid"],
      ["file:words", "key.invalid"],
      ["file:words.json", "key.invalid"],
      ["mnemonic-file:keys.json", "key.invalid"],
      ["mnemonic-file:key.pem", "key.invalid"],
      ["mnemonic-file:typo", "key.invalid"],
      ["mnemonic-file:binary", "key.invalid"],
      ["mnemonic-file:words?path=m/44'/x", "key.invalid"],
      ["mnemonic-file:words?path=", "key.invalid"],
      ["env:WORDS", "key.invalid"],
      ["env:HEX", "key.invalid"],
      ["env:NONE", "key.unavailable"],
      ["env:MISSING", "key.unavailable"],
      ["env:LONG", "key.invalid"],
    ] as const) {
      const context = contextIn(folder, { variables, ...(answer === undefined ? {} : { answer }) });
      await assert.rejects(openPartyKeys(both(text), context), (error) => {
        assert.ok(isP8eError(error), text);
        assert.equal(error.code, code, text);
        const shown = inspect(error, { depth: 10 }).toLowerCase();
        for (const secret of [scalar, scalar.slice(0, 20), "sausage", PASSPHRASE])
          assert.ok(!shown.includes(secret), text);
        return true;
      });
    }
  });

  it("are not asked a passphrase for when the file is damaged", async () => {
    using folder = await folderWithKeys();
    folder.write("damaged.json", '{"kind": "p8e private key", "version": 1}');
    const context = contextIn(folder);
    assert.equal(await codeOf(() => openPartyKeys(both("file:damaged.json"), context)), "key.invalid");
    assert.deepEqual(context.asked, []);
  });
});
