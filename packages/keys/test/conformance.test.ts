import { after } from "node:test";
import { utf8Decode } from "@p8e/core";
import { localKey, privateKeyFromMnemonic, privateKeyToPkcs8, privateKeyToSec1Pem, systemRandom } from "@p8e/crypto";
import { createKeyFile, type KeyContext, openPartyKeys, plainKeyFile } from "@p8e/keys";
import { type KeyUnderTest, keyConformance } from "./key-conformance.ts";
import { CHEAP, contextIn, Folder, PATHS, WORDS } from "./support.ts";

const folder = new Folder();
after(() => folder[Symbol.dispose]());
const signing = privateKeyFromMnemonic(WORDS, PATHS.signing);
const encryption = privateKeyFromMnemonic(WORDS, PATHS.encryption);
const keys = { signing, encryption };
const context = contextIn(folder);
const protection = { kind: "passphrase", passphrase: context.passphrase, random: systemRandom, cost: CHEAP } as const;

const pkcs8 = Buffer.from(privateKeyToPkcs8(signing))
  .toString("base64")
  .match(/.{1,64}/g)!
  .join("\n");
folder.write("key.pem", utf8Decode(privateKeyToSec1Pem(signing)));
folder.write("key-8.pem", `-----BEGIN PRIVATE KEY-----\n${pkcs8}\n-----END PRIVATE KEY-----\n`);
folder.write("key.hex", utf8Decode(plainKeyFile({ signing, encryption: signing })));
folder.write("words", `${WORDS}\n`);
await createKeyFile(folder.at("keys.json"), { kind: "keys", keys }, protection);
await createKeyFile(folder.at("keys.hex"), { kind: "keys", keys }, { kind: "plain" });
await createKeyFile(folder.at("words.json"), { kind: "words", words: WORDS }, protection);
const variables = { A_KEY: utf8Decode(plainKeyFile({ signing, encryption: signing })), SOME_WORDS: WORDS };

function opening(use: "signing" | "encryption", text: string): () => Promise<KeyUnderTest> {
  const of: KeyContext = { ...context, variables };
  return async () => {
    const opened = await openPartyKeys({ signing: text, encryption: text }, of);
    return { key: opened[use], [Symbol.asyncDispose]: () => opened[Symbol.asyncDispose]() };
  };
}

keyConformance("this process", signing, async () => {
  const own = privateKeyFromMnemonic(WORDS, PATHS.signing);
  return { key: localKey(own), [Symbol.asyncDispose]: async () => own.dispose() };
});
for (const text of [
  "file:keys.json",
  "file:keys.hex",
  "file:key.pem",
  "file:key-8.pem",
  "file:key.hex",
  "mnemonic-file:words",
  "mnemonic-file:words.json",
  `mnemonic-file:words?path=${PATHS.signing}`,
  "env:A_KEY",
  "env:SOME_WORDS",
]) {
  keyConformance(text, signing, opening("signing", text));
}
for (const text of [
  "file:keys.json",
  "file:keys.hex",
  "mnemonic-file:words.json",
  `env:SOME_WORDS?path=${PATHS.encryption}`,
]) {
  keyConformance(`${text}, for reading`, encryption, opening("encryption", text));
}
