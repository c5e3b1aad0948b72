import { type RandomBytes, utf8Encode } from "@p8e/core";
import { encryptMnemonic, encryptPrivateKeys, type ScryptCost } from "@p8e/crypto";
import { plainKeyFile } from "./files/key-file-content.ts";
import { createSecretFile } from "./files/secret-file.ts";
import type { KeyMaterial } from "./key-material.ts";
import type { PassphraseSource } from "./passphrase/passphrase-source.ts";

/** How a new key file is protected. */
export type KeyFileProtection =
  /** By the file's permissions alone. */
  | { readonly kind: "plain" }
  | {
      readonly kind: "passphrase";
      readonly passphrase: PassphraseSource;
      readonly random: RandomBytes;
      readonly cost?: ScryptCost;
    };

/**
 * Writes a new key file, which only its owner can read: of the keys themselves, or of the words they come from. A passphrase is asked for before the file is made.
 * @throws `key.exists` when there is one (nothing is overwritten), `key.unavailable` when it cannot be written,
 * `key.passphrase`, `input.invalid`, `rpc.cancelled`
 */
export async function createKeyFile(
  path: string,
  secret: KeyMaterial,
  protection: KeyFileProtection,
  options: { readonly signal?: AbortSignal | undefined } = {},
): Promise<void> {
  const content = await contentOf(path, secret, protection, options.signal);
  try {
    await createSecretFile(path, content);
  } finally {
    content.fill(0);
  }
}

async function contentOf(
  path: string,
  secret: KeyMaterial,
  protection: KeyFileProtection,
  signal: AbortSignal | undefined,
): Promise<Uint8Array> {
  if (protection.kind === "plain") {
    return secret.kind === "keys" ? plainKeyFile(secret.keys) : utf8Encode(`${secret.words}\n`);
  }
  const given = await protection.passphrase({ purpose: "create", what: path, signal });
  try {
    if (secret.kind === "keys")
      return utf8Encode(await encryptPrivateKeys(secret.keys, given, { ...protection, signal }));
    const words = utf8Encode(secret.words);
    return utf8Encode(await encryptMnemonic(words, given, { ...protection, signal }).finally(() => words.fill(0)));
  } finally {
    given.fill(0);
  }
}
