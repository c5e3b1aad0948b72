// Keys from a text
// New key files
export { createKeyFile, type KeyFileProtection } from "./create-key-file.ts";
export {
  KEY_FILE_BYTES_MAX,
  type KeyFileForm,
  keyFileForm,
  plainKeyFile,
  readKeyFile,
  readPublicKeys,
} from "./files/key-file-content.ts";
export {
  createSecretFile,
  permissionsAreChecked,
  type ReadSecretFileOptions,
  readSecretFile,
} from "./files/secret-file.ts";
export { type KeyMaterial, keysOf, newWords, readKeyMaterial } from "./key-material.ts";
export { type ParsedKeyReference, parseKeyReference } from "./key-reference-text.ts";
export type { KeyContext, KeyLocation, KeyScheme, KeyUse, OpenedSource, WantedKey } from "./key-scheme.ts";
export {
  keySchemes,
  type OpenKeysOptions,
  type OpenPartyKeys,
  openPartyKeys,
  type PartyKeyReferences,
} from "./open-party-keys.ts";
// Passphrases
export { passphraseFromDescriptor } from "./passphrase/passphrase-descriptor.ts";
export { passphraseFromFile } from "./passphrase/passphrase-file.ts";
export {
  PASSPHRASE_BYTES_MAX,
  type PassphraseRequest,
  type PassphraseSource,
  passphraseFromBytes,
} from "./passphrase/passphrase-source.ts";
