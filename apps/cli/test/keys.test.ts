import assert from "node:assert/strict";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { after, describe, it } from "node:test";
import { networks } from "@p8e/core";
import { accountAddress } from "@p8e/crypto";
import {
  assertNothingSecret,
  encryption,
  PASSPHRASE,
  privateFile,
  type Shown,
  signing,
  WORDS,
} from "./support/key-material.ts";
import { CommandLine } from "./support/p8e.ts";
import { onTerminal } from "./support/terminal.ts";

// More of the same, and every wrong input: keys.slow.test.ts.

const cli = new CommandLine();
after(() => cli[Symbol.asyncDispose]());
const private_ = (name: string, content: string | Uint8Array, mode?: number) => privateFile(cli, name, content, mode);
private_("passphrase", `${PASSPHRASE}\n`);
const underPassphrase = { env: { P8E_PASSPHRASE_FILE: cli.path("passphrase") } };

describe("p8e key new", () => {
  it("makes a file under a passphrase that only its owner can read", async () => {
    const made = await cli.json<Shown>(["key", "new", "keys/me.json"], underPassphrase);
    assert.equal(made.file, cli.path("keys/me.json"));
    assert.equal(made.encrypted, true);
    assert.deepEqual(made.reference, { signing: `file:${made.file}`, encryption: `file:${made.file}` });
    assert.deepEqual(made.paths, { signing: "m/44'/1'/0'/0/0", encryption: "m/44'/1'/0'/0/1" });
    assert.equal(statSync(made.file).mode & 0o777, 0o600);
    assert.equal(statSync(cli.path("keys")).mode & 0o777, 0o700);
    const shown = await cli.json<Shown>(["key", "show", "file:keys/me.json"]);
    assert.equal(shown.opened, false);
    const opened = await cli.json<Shown>(["key", "show", "file:keys/me.json", "--check"], underPassphrase);
    assert.equal(opened.opened, true);
    for (const each of [shown, opened]) {
      for (const name of ["signingKey", "encryptionKey", "address", "encryptionAddress"] as const) {
        assert.equal(each[name], made[name]);
      }
    }
  });

  it("never writes over a file, and needs no passphrase to say so", async () => {
    const before = readFileSync(cli.path("keys/me.json"));
    assert.equal((await cli.refused(13, ["key", "new", "keys/me.json"])).code, "key.exists");
    assert.equal((await cli.refused(13, ["key", "new", "keys/me.json", "--plain"])).code, "key.exists");
    assert.deepEqual(readFileSync(cli.path("keys/me.json")), before);
  });

  it("writes nothing without a passphrase, unless it is told that none is wanted", async () => {
    const error = await cli.refused(12, ["key", "new", "none.json"]);
    assert.equal(error.code, "key.passphrase");
    assert.match(error.hint!, /P8E_PASSPHRASE_FILE.*--passphrase-fd/);
    private_("empty", "\n");
    assert.equal(
      (await cli.refused(2, ["key", "new", "none.json"], { P8E_PASSPHRASE_FILE: "empty" })).code,
      "input.invalid",
    );
    assert.equal(readdirSync(cli.folder).includes("none.json"), false);
    const made = await cli.json<Shown>(["key", "new", "plain", "--plain"]);
    assert.equal(made.encrypted, false);
    assert.match(readFileSync(cli.path("plain"), "utf8"), /^(0A[0-9A-F]+\n){2}$/);
    assert.equal((await cli.json<Shown>(["key", "show", "file:plain"])).address, made.address);
  });

  it("shows the words once when asked to, and they lead to the same keys", async () => {
    await using other = new CommandLine();
    const text = await other.text(["key", "new", "keys", "--plain", "--show-words"]);
    const words = /^ {2}((?:[a-z]+ ){23}[a-z]+)$/m.exec(text)![1]!;
    const made = await other.json<Shown>(["key", "show", "file:keys"]);
    const again = await other.json<Shown>(["key", "import", "again", "--plain", "--from", "-"], { input: words });
    assert.equal(again.signingKey, made.signingKey);
    assert.equal(again.encryptionKey, made.encryptionKey);
    const error = await cli.refused(2, ["key", "new", "json", "--plain", "--show-words"]);
    assert.match(error.message, /never part of --json/);
  });
});

describe("p8e key import", () => {
  it("takes words from standard input, and prints the addresses", async () => {
    const text = await cli.run(["key", "import", "imported", "--plain", "--from", "-"], { input: `${WORDS}\n` });
    assert.equal(text.code, 0, text.stderr);
    for (const key of [signing.publicKey(), encryption.publicKey()]) {
      assert.ok(text.stdout.includes(key.base64));
      assert.ok(text.stdout.includes(accountAddress(key, networks.local.accountPrefix)));
    }
  });

  it("refuses words with a mistake in them, and repeats none", async () => {
    const input = WORDS.replace("title", "tittle");
    const error = await cli.refused(2, ["key", "import", "odd", "--plain", "--from", "-"], {}, { input });
    assert.equal(error.code, "key.invalid");
  });
});

describe("p8e key on a terminal", () => {
  it("asks for a new passphrase twice without showing it, and shows the words once", async () => {
    await using other = new CommandLine();
    const { code, shown } = await onTerminal(
      other.folder,
      ["key", "new", "keys.json"],
      [
        ["New passphrase for", `${PASSPHRASE}!\x7f\r`],
        ["The same again", `something else\x15${PASSPHRASE}\r`],
      ],
    );
    assert.equal(code, 0, shown);
    assert.ok(!shown.includes("horse") && !shown.includes("something"), shown);
    assert.equal([...shown.matchAll(/^ {2}(?:[a-z]+ ){23}[a-z]+\r?$/gm)].length, 1);
    const opened = await onTerminal(
      other.folder,
      ["key", "show", "file:keys.json", "--check"],
      [["Passphrase of", `${PASSPHRASE}\r`]],
    );
    assert.equal(opened.code, 0, opened.shown);
    const wrong = await onTerminal(
      other.folder,
      ["key", "show", "file:keys.json", "--check"],
      [["Passphrase of", "no\r"]],
    );
    assert.equal(wrong.code, 12, wrong.shown);
  });
});

it("whatever these commands printed, to whatever end, held no key, no word and no passphrase", () => {
  assertNothingSecret(
    cli.printed,
    ["plain", "imported"].map((name) => cli.path(name)),
  );
});
