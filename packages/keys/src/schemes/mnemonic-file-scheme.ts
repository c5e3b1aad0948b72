import { resolve } from "node:path";
import { P8eError } from "@p8e/core";
import { decryptMnemonic, keyFileContent } from "@p8e/crypto";
import { keyFileForm } from "../files/key-file-content.ts";
import { readSecretFile } from "../files/secret-file.ts";
import type { KeyContext, KeyScheme } from "../key-scheme.ts";
import { tellSource } from "../passphrase/passphrase-source.ts";
import { keysFromWords, locateWithPath } from "./derived-keys.ts";
import { naming } from "./naming.ts";

/** Encrypted or not, with room for white space. */
const FILE_BYTES_MAX = 4096;

/** `mnemonic-file:PATH?path=m/…`: the words of a mnemonic, in the open or in our file under a passphrase. */
export const mnemonicFileScheme: KeyScheme = {
  name: "mnemonic-file",
  locate: locateWithPath,
  async open(source, wanted, context) {
    const path = resolve(context.folder, source);
    const bytes = await readSecretFile(path, { sizeMax: FILE_BYTES_MAX, signal: context.signal });
    const words = await wordsOf(bytes, path, context).finally(() => bytes.fill(0));
    try {
      return keysFromWords(textOf(words), wanted, context);
    } finally {
      words.fill(0);
    }
  },
};

async function wordsOf(bytes: Uint8Array, path: string, { passphrase, signal }: KeyContext): Promise<Uint8Array> {
  const form = keyFileForm(bytes);
  if (form === "pem") throw holdsKeys(path);
  if (form === "hex") return new Uint8Array(bytes);
  const text = textOf(bytes);
  if (keyFileContent(text) === "keys") throw holdsKeys(path);
  if (keyFileContent(text) === undefined) {
    throw new P8eError("key.invalid", "this file holds neither words nor words under a passphrase", {
      facts: { path },
    });
  }
  const given = await passphrase({ purpose: "open", what: path, signal });
  try {
    return await decryptMnemonic(text, given, { signal });
  } catch (error) {
    throw naming(path, tellSource(error, passphrase));
  } finally {
    given.fill(0);
  }
}

function textOf(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}

function holdsKeys(path: string): P8eError {
  return new P8eError("key.invalid", "this file holds keys, not the words of a mnemonic", {
    facts: { path },
    hint: "Name it as file:PATH.",
  });
}
