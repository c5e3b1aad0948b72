import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { after, describe, it } from "node:test";
import { hexEncode, networks } from "@p8e/core";
import { accountAddress, privateKeyToProto, privateKeyToSec1Pem } from "@p8e/crypto";
import {
  assertNothingSecret,
  encryption,
  keyAt,
  PASSPHRASE,
  privateFile,
  type Shown,
  signing,
  WORDS,
} from "./support/key-material.ts";
import { CommandLine } from "./support/p8e.ts";
import { onTerminal } from "./support/terminal.ts";

const cli = new CommandLine();
after(() => cli[Symbol.asyncDispose]());
const private_ = (name: string, content: string | Uint8Array, mode?: number) => privateFile(cli, name, content, mode);
private_("passphrase", `${PASSPHRASE}\n`);
const underPassphrase = { env: { P8E_PASSPHRASE_FILE: cli.path("passphrase") } };

describe("p8e key new", () => {
  it("takes the passphrase from a descriptor", async () => {
    const given = { descriptor3: `${PASSPHRASE}\n` };
    await cli.json(["key", "new", "descriptor.json", "--passphrase-fd", "3"], given);
    await cli.json(["key", "show", "file:descriptor.json", "--check", "--passphrase-fd", "3"], given);
    await cli.json(["key", "show", "file:descriptor.json", "--check"], underPassphrase);
    const wrong = await cli.refused(
      12,
      ["key", "show", "file:descriptor.json", "--check", "--passphrase-fd", "3"],
      {},
      {
        descriptor3: "a horse of no colour",
      },
    );
    assert.equal(wrong.code, "key.passphrase");
    assert.equal(wrong.facts.path, cli.path("descriptor.json"));
  });

  it("has no option for a passphrase itself", async () => {
    const { code, stderr } = await cli.run(["key", "new", "x", "--passphrase", "typed"]);
    assert.equal(code, 2);
    assert.match(stderr, /unknown option '--passphrase'/);
  });

  it("makes keys of another network, by other paths, or one for both uses", async () => {
    const made = await cli.json<Shown>(["key", "new", "main", "--network", "mainnet", "--plain"]);
    assert.deepEqual(made.paths, { signing: "m/44'/505'/0'/0/0", encryption: "m/44'/505'/0'/0/1" });
    assert.match(made.address, /^pb1/);
    const hardened = await cli.json<Shown>(["key", "new", "hardened", "--plain", "--path", "m/44'/1'/0'/0/7'"]);
    assert.deepEqual(hardened.paths, { signing: "m/44'/1'/0'/0/7'", encryption: "m/44'/1'/0'/0/8'" });
    const one = await cli.json<Shown>(["key", "new", "one", "--plain", "--one-key"]);
    assert.equal(one.encryptionKey, one.signingKey);
    assert.equal(one.paths!.encryption, one.paths!.signing);
    assert.match(readFileSync(cli.path("one"), "utf8"), /^0A[0-9A-F]+\n$/);
  });

  it("says when the words were not shown", async () => {
    const { stdout, stderr } = await cli.run(["key", "new", "unseen", "--plain"]);
    assert.match(stderr, /words were not shown/);
    assert.match(stdout.toString(), /NOT encrypted/);
  });

  it("may keep the words instead of the keys", async () => {
    const made = await cli.json<Shown>(["key", "new", "words.json", "--words"], underPassphrase);
    assert.equal(made.reference.signing, `mnemonic-file:${made.file}?path=m/44'/1'/0'/0/0`);
    const shown = await cli.json<Shown>(["key", "show", made.reference.encryption], underPassphrase);
    assert.equal(shown.signingKey, made.encryptionKey);
  });
});

describe("p8e key import", () => {
  it("takes words from standard input, a file or a variable, and prints the addresses", async () => {
    private_("their-words", `  ${WORDS.replaceAll(" ", "\n")}\n`);
    const expected = { signing: accountAddress(signing.publicKey(), networks.local.accountPrefix) };
    for (const [from, options] of [
      ["-", { input: `${WORDS}\n` }],
      ["their-words", {}],
      ["env:THEIR_WORDS", { env: { THEIR_WORDS: WORDS } }],
    ] as const) {
      const name = `imported-${from.replace(":", "-")}`;
      const made = await cli.json<Shown>(["key", "import", name, "--plain", "--from", from], options);
      assert.equal(made.address, expected.signing);
      assert.equal(made.signingKey, signing.publicKey().base64);
      assert.equal(made.encryptionKey, encryption.publicKey().base64);
    }
    const text = await cli.text(["key", "import", "in-words", "--plain", "--from", "their-words"]);
    assert.ok(text.includes(expected.signing));
    assert.ok(text.includes(accountAddress(encryption.publicKey(), networks.local.accountPrefix)));
  });

  it("takes the paths it is given", async () => {
    const import_ = (name: string, ...options: string[]) =>
      cli.json<Shown>(["key", "import", name, "--plain", "--from", "their-words", ...options]);
    const hardened = await import_("h", "--path", "m/44'/1'/0'/0/0'");
    assert.equal(hardened.signingKey, keyAt("m/44'/1'/0'/0/0'").publicKey().base64);
    assert.equal(hardened.encryptionKey, keyAt("m/44'/1'/0'/0/1'").publicKey().base64);
    const apart = await import_("a", "--encryption-path", "m/44'/505'/0'/0/3");
    assert.equal(apart.signingKey, signing.publicKey().base64);
    assert.equal(apart.encryptionKey, keyAt("m/44'/505'/0'/0/3").publicKey().base64);
    const one = await import_("o", "--one-key", "--network", "mainnet");
    assert.equal(one.encryptionKey, keyAt("m/44'/505'/0'/0/0").publicKey().base64);
    assert.equal(one.address, accountAddress(keyAt("m/44'/505'/0'/0/0").publicKey(), networks.mainnet.accountPrefix));
  });

  it("takes PEM, hex, and files of its own, and puts them under a passphrase", async () => {
    private_("key.pem", privateKeyToSec1Pem(signing));
    private_("key.hex", hexEncode(privateKeyToProto(signing)));
    for (const from of ["key.pem", "key.hex"]) {
      const made = await cli.json<Shown>(["key", "import", `from-${from}`, "--from", from], underPassphrase);
      assert.equal(made.signingKey, signing.publicKey().base64);
      assert.equal(made.encryptionKey, made.signingKey);
      assert.equal(made.paths, undefined);
    }
    const words = ["key", "import", "kept.json", "--words", "--from", "their-words"];
    assert.equal((await cli.json<Shown>(words, underPassphrase)).encrypted, true);
    for (const [from, keys] of [
      ["kept.json", [signing, encryption]],
      ["from-key.pem", [signing, signing]],
    ] as const) {
      const made = await cli.json<Shown>(["key", "import", `again-${from}`, "--from", from], underPassphrase);
      assert.deepEqual(
        [made.signingKey, made.encryptionKey],
        keys.map((key) => key.publicKey().base64),
      );
    }
  });

  it("refuses options that do not fit what it reads", async () => {
    for (const options of [
      ["--from", "key.hex", "--path", "m/44'/1'/0'/0/0"],
      ["--from", "key.pem", "--words"],
      ["--from", "their-words", "--one-key", "--encryption-path", "m/44'/1'/0'/0/1"],
      ["--from", "main", "--one-key"],
    ]) {
      assert.equal((await cli.refused(2, ["key", "import", "odd", "--plain", ...options])).code, "input.invalid");
    }
    for (const path of ["m", "m/44'/x", "44/1", "m/44'/1'/0'/0/2147483648"]) {
      const error = await cli.refused(2, ["key", "import", "odd", "--plain", "--from", "their-words", "--path", path]);
      assert.equal(error.code, "key.invalid");
    }
    assert.equal(readdirSync(cli.folder).includes("odd"), false);
  });
});

describe("p8e key, given what is no key", () => {
  it("says what is wrong with it, within a moment, and repeats nothing of it", async () => {
    const scalar = signing.use(hexEncode);
    private_("exposed", `0A20${scalar}`, 0o644);
    private_("cut", `0A20${scalar.slice(1)}`);
    private_("typo", WORDS.replace("title", "tittle"));
    private_("large", "0A".repeat(3000));
    private_("open-passphrase", PASSPHRASE, 0o640);
    execFileSync("mkfifo", ["-m", "600", cli.path("pipe")]);
    for (const [from, exit, code, options] of [
      ["exposed", 12, "key.exposed", {}],
      ["cut", 2, "key.invalid", {}],
      ["typo", 2, "key.invalid", {}],
      ["large", 14, "input.too_large", {}],
      ["pipe", 2, "key.invalid", {}],
      ["/dev/zero", 2, "key.invalid", {}],
      [".", 2, "key.invalid", {}],
      ["none", 10, "key.unavailable", {}],
      ["env:NONE", 10, "key.unavailable", {}],
      ["-", 14, "input.too_large", { input: WORDS.repeat(40) }],
      ["-", 2, "key.invalid", { input: "" }],
      ["-", 2, "key.invalid", { input: WORDS.slice(0, -6) }],
      ["-", 2, "key.invalid", { input: `0A20${scalar.slice(2)}` }],
    ] as const) {
      const error = await cli.refused(exit, ["key", "import", "odd", "--plain", "--from", from], {}, options);
      assert.equal(error.code, code, from);
    }
    for (const [reference, exit, code] of [
      ["file:exposed", 12, "key.exposed"],
      ["file:pipe", 2, "key.invalid"],
      ["file:their-words", 2, "key.invalid"],
      ["mnemonic-file:typo", 2, "key.invalid"],
      ["vault:secret/p8e", 3, "configuration.invalid"],
      [WORDS, 3, "configuration.invalid"],
      [`0A20${scalar}`, 3, "configuration.invalid"],
      ["env:NONE", 10, "key.unavailable"],
    ] as const) {
      assert.equal((await cli.refused(exit, ["key", "show", reference])).code, code, reference);
    }
    const check = ["key", "show", "file:descriptor.json", "--check"];
    const exposed = await cli.refused(12, check, { P8E_PASSPHRASE_FILE: "open-passphrase" });
    assert.equal(exposed.code, "key.exposed");
    assert.equal((await cli.refused(2, check, { P8E_PASSPHRASE_FILE: "pipe" })).code, "key.invalid");
    assert.equal((await cli.refused(12, [...check, "--passphrase-fd", "99"])).code, "key.passphrase");
    const network = await cli.refused(3, ["key", "show", "file:main", "--network", "moonnet"]);
    assert.deepEqual(network.facts.known, ["local", "testnet", "mainnet"]);
    assert.equal(readdirSync(cli.folder).includes("odd"), false);
  });
});

describe("p8e key on a terminal", () => {
  it("asks again when the two differ, and gives up after three", async () => {
    await using other = new CommandLine();
    const { code, shown } = await onTerminal(
      other.folder,
      ["key", "new", "keys.json"],
      [1, 2, 3].flatMap((time) => [["New passphrase", `one ${time}\r`] as const, ["The same again", "two\r"] as const]),
    );
    assert.equal(code, 12, shown);
    assert.deepEqual(readdirSync(other.folder), []);
  });

  it("takes Ctrl-C for an answer, and leaves no file", async () => {
    await using other = new CommandLine();
    const { code, shown } = await onTerminal(
      other.folder,
      ["key", "new", "keys.json"],
      [["New passphrase", "half a pass\x03"]],
    );
    assert.equal(code, 130, shown);
    assert.ok(!shown.includes("half"));
    assert.deepEqual(readdirSync(other.folder), []);
  });

  it("takes words for an import without showing them", async () => {
    await using other = new CommandLine();
    const { code, shown } = await onTerminal(
      other.folder,
      ["key", "import", "keys", "--plain", "--from", "-"],
      [["(not shown)", `${WORDS}\r`]],
    );
    assert.equal(code, 0, shown);
    assert.ok(shown.includes(accountAddress(signing.publicKey(), networks.local.accountPrefix)));
    assert.ok(!shown.includes("sausage"), shown);
  });
});

it("whatever these commands printed, to whatever end, held no key, no word and no passphrase", () => {
  assertNothingSecret(
    cli.printed,
    ["main", "hardened", "one", "unseen"].map((name) => cli.path(name)),
  );
});
