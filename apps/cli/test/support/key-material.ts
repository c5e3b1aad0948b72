import assert from "node:assert/strict";
import { chmodSync, readFileSync, writeFileSync } from "node:fs";
import { hexEncode, utf8Decode } from "@p8e/core";
import { privateKeyFromMnemonic, privateKeyToSec1Pem } from "@p8e/crypto";
import type { CommandLine } from "./p8e.ts";

/** Words of nobody, published here: never use them for anything. */
export const WORDS =
  "legal winner thank year wave sausage worth useful legal winner thank year wave sausage worth useful legal winner thank year wave sausage worth title";
export const PASSPHRASE = "a horse of another colour";
export const keyAt = (path: string) => privateKeyFromMnemonic(WORDS, path);
export const signing = keyAt("m/44'/1'/0'/0/0");
export const encryption = keyAt("m/44'/1'/0'/0/1");

/** What the key commands print under `--json`. */
export interface Shown {
  readonly file: string;
  readonly reference: { readonly signing: string; readonly encryption: string };
  readonly encrypted: boolean;
  readonly signingKey: string;
  readonly encryptionKey: string;
  readonly address: string;
  readonly encryptionAddress: string;
  readonly paths?: { readonly signing: string; readonly encryption: string };
  readonly opened?: boolean;
}

/** A file in the command's folder, as private as a key's unless `mode` says otherwise. */
export function privateFile(cli: CommandLine, name: string, content: string | Uint8Array, mode = 0o600): string {
  writeFileSync(cli.path(name), content);
  chmodSync(cli.path(name), mode);
  return cli.path(name);
}

/** All that the commands have printed, to whatever end: no key, no word, no passphrase. `plain` are files of theirs in hex. */
export function assertNothingSecret(printed: readonly string[], plain: readonly string[]): void {
  const all = printed.join("\n").toLowerCase();
  assert.ok(all.length > 1000);
  const made = plain.flatMap((path) => readFileSync(path, "utf8").trim().split("\n"));
  const scalars = [
    signing.use(hexEncode),
    encryption.use(hexEncode),
    ...made.map((hex) => hex.slice(-64).toLowerCase()),
  ];
  const secrets = scalars.flatMap((hex) => [
    hex.slice(0, 24),
    hex.slice(-24),
    Buffer.from(hex, "hex").toString("base64").slice(0, 24).toLowerCase(),
  ]);
  const pem = utf8Decode(privateKeyToSec1Pem(signing)).split("\n")[1]!.slice(20, 44).toLowerCase();
  for (const secret of [...secrets, pem, "sausage", "tittle", "horse of"]) {
    assert.ok(!all.includes(secret), `something printed ${secret}`);
  }
}
