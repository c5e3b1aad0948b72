import { pbkdf2Sync } from "node:crypto";
import { P8eError, type RandomBytes, utf8Encode } from "@p8e/core";
import { HDKey } from "@scure/bip32";
import { entropyToMnemonic, validateMnemonic } from "@scure/bip39";
import { wordlist } from "@scure/bip39/wordlists/english.js";
import { type PrivateKey, parsePrivateKey } from "./private-key.ts";

/** At most ten levels, each below 2^31, hardened or not. */
const PATH = /^m(?:\/(?:0|[1-9][0-9]{0,9})'?){1,10}$/;

/**
 * BIP-39 (English, no passphrase), then BIP-32 along `path`.
 * @throws `key.invalid` for words that are no mnemonic, or a path that is none
 */
export function privateKeyFromMnemonic(mnemonic: string, path: string): PrivateKey {
  const words = mnemonic.normalize("NFKD").trim().split(/\s+/).join(" ");
  if (words.length > 1000 || !validateMnemonic(words, wordlist)) {
    throw new P8eError("key.invalid", "not a BIP-39 mnemonic: a word is unknown, missing or mistyped");
  }
  const indexes = pathIndexes(path);
  const seed = pbkdf2Sync(utf8Encode(words), utf8Encode("mnemonic"), 2048, 64, "sha512");
  const chain: HDKey[] = [];
  try {
    chain.push(HDKey.fromMasterSeed(seed));
    for (const index of indexes) chain.push(chain.at(-1)!.deriveChild(index));
    const scalar = chain.at(-1)!.privateKey!;
    return parsePrivateKey(scalar);
  } finally {
    seed.fill(0);
    for (const key of chain) key.wipePrivateData();
  }
}

/** Hardened levels count from 2^31. */
function pathIndexes(path: string): readonly number[] {
  const levels = PATH.test(path) ? path.split("/").slice(1) : [];
  const indexes = levels.map((level) => Number.parseInt(level, 10));
  if (levels.length === 0 || indexes.some((index) => index >= 2 ** 31)) {
    throw new P8eError("key.invalid", "not a derivation path", { facts: { path: path.slice(0, 100) } });
  }
  return indexes.map((index, depth) => (levels[depth]!.endsWith("'") ? index + 2 ** 31 : index));
}

/** 24 words. Text cannot be wiped: show it once, and keep it nowhere. */
export function generateMnemonic(random: RandomBytes): string {
  const entropy = random(32).slice();
  try {
    return entropyToMnemonic(entropy, wordlist);
  } finally {
    entropy.fill(0);
  }
}
