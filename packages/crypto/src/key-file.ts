import { P8eError } from "@p8e/core";
import type { CurveBackend } from "./curve-backend.ts";
import { defaultBackend } from "./default-backend.ts";
import { type PrivateKey, parsePrivateKey } from "./private-key.ts";
import { type PublicKey, publicKeyFromBase64 } from "./public-key.ts";
import {
  openSealedFile,
  readSealedFile,
  type SealedFile,
  type SealedFileOptions,
  type SealedForm,
  type SealingOptions,
  sealedFileKind,
  writeSealedFile,
} from "./sealed-file.ts";
import { heapMemory, SecretScope } from "./secret-memory.ts";

/*
 * The keys of a party, or the words they are derived from, under a passphrase. One file holds both keys, so that one
 * scrypt opens both; each public key stands in the open, for a person to recognise the file by.
 */

const KEY_KIND = "p8e private key";
const WORDS_KIND = "p8e mnemonic";

/** One key for both uses. */
const ONE_KEY: SealedForm = { kind: KEY_KIND, version: 1, open: ["publicKey"], length: 32 };
const TWO_KEYS: SealedForm = { kind: KEY_KIND, version: 2, open: ["signingKey", "encryptionKey"], length: 64 };
/** Padded with spaces to one length, which is more than 24 of the longest words: it says nothing about them. */
const WORDS: SealedForm = { kind: WORDS_KIND, version: 1, open: [], length: 256 };

/** What a party has: the key it signs with and the key it reads with, which may be one and the same. */
export interface PartyPrivateKeys {
  readonly signing: PrivateKey;
  readonly encryption: PrivateKey;
}

/** What reading and writing key files can be told. */
export interface KeyFileOptions extends SealedFileOptions {
  readonly backend?: CurveBackend;
}

/**
 * What kind of secret a text holds under a passphrase; undefined when it does not say that it is such a file.
 * @throws `key.invalid` when it says so and is damaged, or of another version: before anybody is asked for a passphrase
 */
export function keyFileContent(text: string): "keys" | "mnemonic" | undefined {
  const kind = sealedFileKind(text);
  if (kind !== KEY_KIND && kind !== WORDS_KIND) return undefined;
  readSealedFile(text, [ONE_KEY, TWO_KEYS, WORDS]);
  return kind === KEY_KIND ? "keys" : "mnemonic";
}

/**
 * The text of a key file; one key twice is written once. A passphrase given as text is normalized (NFKC); bytes are
 * taken as they are.
 * @throws `input.invalid` for an empty passphrase or a cost out of bounds, `rpc.cancelled`
 */
export async function encryptPrivateKeys(
  keys: PartyPrivateKeys,
  passphrase: string | Uint8Array,
  options: KeyFileOptions & SealingOptions,
): Promise<string> {
  const { memory = heapMemory, backend = defaultBackend() } = options;
  const signingKey = keys.signing.publicKey(backend).base64;
  const encryptionKey = keys.encryption.publicKey(backend).base64;
  const one = signingKey === encryptionKey;
  const form = one ? ONE_KEY : TWO_KEYS;
  using secrets = new SecretScope(memory);
  const secret = secrets.allocate(form.length);
  keys.signing.use((scalar) => secret.set(scalar));
  if (!one) keys.encryption.use((scalar) => secret.set(scalar, 32));
  const open: Record<string, string> = one ? { publicKey: signingKey } : { signingKey, encryptionKey };
  return await writeSealedFile(form, { open, secret }, passphrase, options);
}

/**
 * The keys of a key file; of a file with one key, that key for both uses.
 * @throws `key.passphrase` when the passphrase is wrong or the file was changed (the two cannot be told apart),
 * `key.invalid` for text that is no key file or asks for a cost out of bounds, `rpc.cancelled`
 */
export async function decryptPrivateKeys(
  text: string,
  passphrase: string | Uint8Array,
  options: KeyFileOptions = {},
): Promise<PartyPrivateKeys> {
  const { backend = defaultBackend() } = options;
  const file = readSealedFile(text, [ONE_KEY, TWO_KEYS]);
  const expected = openPublicKeys(file);
  return openSealedFile(
    file,
    passphrase,
    (secret) => {
      const signing = parsePrivateKey(secret.subarray(0, 32));
      const encryption = file.form === ONE_KEY ? signing : parsePrivateKey(secret.subarray(32));
      const right =
        signing.publicKey(backend).base64 === expected.signing &&
        encryption.publicKey(backend).base64 === expected.encryption;
      if (right) return { signing, encryption };
      signing.dispose();
      encryption.dispose();
      throw new P8eError("key.invalid", "this key file holds other keys than it names");
    },
    options,
  );
}

/**
 * The public keys that a key file says it holds: for a person to recognise it by. Proved only by decryption.
 * @throws `key.invalid`
 */
export function keyFilePublicKeys(
  text: string,
  backend: CurveBackend = defaultBackend(),
): { readonly signing: PublicKey; readonly encryption: PublicKey } {
  const { signing, encryption } = openPublicKeys(readSealedFile(text, [ONE_KEY, TWO_KEYS]));
  return { signing: publicKeyFromBase64(signing, backend), encryption: publicKeyFromBase64(encryption, backend) };
}

/**
 * The text of a file with the words of a mnemonic, as UTF-8. Whether they are a mnemonic is for the caller to check.
 * @throws `input.invalid` for more than 256 bytes, and as {@link encryptPrivateKeys}
 */
export async function encryptMnemonic(
  words: Uint8Array,
  passphrase: string | Uint8Array,
  options: SealingOptions,
): Promise<string> {
  if (words.length > WORDS.length) throw new P8eError("input.invalid", "a mnemonic has at most 256 bytes");
  using secrets = new SecretScope(options.memory ?? heapMemory);
  const secret = secrets.allocate(WORDS.length).fill(0x20);
  secret.set(words);
  return await writeSealedFile(WORDS, { open: {}, secret }, passphrase, options);
}

/**
 * The words of such a file, as UTF-8; the caller wipes them.
 * @throws as {@link decryptPrivateKeys}
 */
export async function decryptMnemonic(
  text: string,
  passphrase: string | Uint8Array,
  options: SealedFileOptions = {},
): Promise<Uint8Array> {
  return openSealedFile(
    readSealedFile(text, [WORDS]),
    passphrase,
    (secret) => {
      let end = secret.length;
      while (end > 0 && secret[end - 1] === 0x20) end--;
      return secret.slice(0, end);
    },
    options,
  );
}

function openPublicKeys({ form, open }: SealedFile): { readonly signing: string; readonly encryption: string } {
  return form === ONE_KEY
    ? { signing: open.publicKey!, encryption: open.publicKey! }
    : { signing: open.signingKey!, encryption: open.encryptionKey! };
}
