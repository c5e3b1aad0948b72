import { P8eError, type RandomBytes } from "@p8e/core";
import {
  decryptMnemonic,
  generateMnemonic,
  keyFileContent,
  type PartyPrivateKeys,
  privateKeyFromMnemonic,
} from "@p8e/crypto";
import { readKeyFile } from "./files/key-file-content.ts";
import type { KeyUse } from "./key-scheme.ts";

/** What a party's keys come from: the words they are derived from, or the keys themselves. */
export type KeyMaterial =
  | { readonly kind: "words"; readonly words: string }
  | { readonly kind: "keys"; readonly keys: PartyPrivateKeys };

/** 24 new words. Text cannot be wiped: show it once, and keep it nowhere but in a file under a passphrase. */
export function newWords(random: RandomBytes): KeyMaterial & { readonly kind: "words" } {
  return { kind: "words", words: generateMnemonic(random) };
}

/**
 * What a file or a person brings, told apart by content: our encrypted files of keys or words, PEM, a key's hex, or words.
 * @throws `key.invalid`, `key.unsupported_curve`, `key.passphrase`, `rpc.cancelled`
 */
export async function readKeyMaterial(
  bytes: Uint8Array,
  passphrase: () => Promise<Uint8Array>,
  options: { readonly signal?: AbortSignal | undefined } = {},
): Promise<KeyMaterial> {
  const text = new TextDecoder().decode(bytes).trim();
  if (text.startsWith("{") && keyFileContent(text) === "mnemonic") {
    const given = await passphrase();
    try {
      const words = await decryptMnemonic(text, given, options);
      const read = new TextDecoder().decode(words);
      words.fill(0);
      return { kind: "words", words: read };
    } finally {
      given.fill(0);
    }
  }
  if (/^[a-zA-Z]+(?:\s+[a-zA-Z]+){11,23}$/.test(text)) return { kind: "words", words: text.split(/\s+/).join(" ") };
  return { kind: "keys", keys: await readKeyFile(bytes, passphrase, options) };
}

/**
 * The two keys of a party; of words, those that the paths lead to. The caller disposes of them.
 * @throws `key.invalid` for words that are no mnemonic, or a path that is none
 */
export function keysOf(material: KeyMaterial, paths: Readonly<Record<KeyUse, string>>): PartyPrivateKeys {
  if (material.kind === "keys") return material.keys;
  const signing = privateKeyFromMnemonic(material.words, paths.signing);
  try {
    return { signing, encryption: privateKeyFromMnemonic(material.words, paths.encryption) };
  } catch (error) {
    signing.dispose();
    throw P8eError.from(error);
  }
}
