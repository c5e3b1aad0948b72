import { P8eError } from "@p8e/core";
import {
  decryptPrivateKeys,
  keyFileContent,
  keyFilePublicKeys,
  localKey,
  type PartyPrivateKeys,
  type PublicKey,
  privateKeyFromPem,
  privateKeyFromProtoHex,
  privateKeyToProto,
} from "@p8e/crypto";

/** No form of a key, or of two, is longer. */
export const KEY_FILE_BYTES_MAX = 4096;

/** One key's hex, or two on a line each: the first signs, the second decrypts. */
const HEX = /^\s*([0-9a-fA-F]{2,256})(?:\s*\n\s*([0-9a-fA-F]{2,256}))?\s*$/;
const BRACE = 0x7b;
const DASH = 0x2d;

/** What a key file is, told apart by its content. */
export type KeyFileForm = "encrypted" | "pem" | "hex";

/**
 * Tells by the first character: `{` begins our encrypted file, `-` PEM, anything else can only be hex.
 */
export function keyFileForm(bytes: Uint8Array): KeyFileForm {
  const first = bytes.find((byte) => byte > 0x20);
  return first === BRACE ? "encrypted" : first === DASH ? "pem" : "hex";
}

/**
 * The keys in a file; the passphrase is asked for only when the file is under one and is whole.
 * @throws `key.invalid`, `key.unsupported_curve`, `key.passphrase`, `rpc.cancelled`
 */
export async function readKeyFile(
  bytes: Uint8Array,
  passphrase: () => Promise<Uint8Array>,
  options: { readonly signal?: AbortSignal | undefined } = {},
): Promise<PartyPrivateKeys> {
  const form = keyFileForm(bytes);
  if (form === "pem") return once(privateKeyFromPem(bytes));
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1");
  if (form === "hex") return readHex(text);
  requireKeys(text);
  const given = await passphrase();
  try {
    return await decryptPrivateKeys(text, given, options);
  } finally {
    given.fill(0);
  }
}

/**
 * The public keys of a file, as far as they can be told without a passphrase: an encrypted file's own word for them.
 * @throws as {@link readKeyFile}
 */
export function readPublicKeys(bytes: Uint8Array): { readonly signing: PublicKey; readonly encryption: PublicKey } {
  const form = keyFileForm(bytes);
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1");
  if (form === "encrypted") {
    requireKeys(text);
    return keyFilePublicKeys(text);
  }
  const keys = form === "pem" ? once(privateKeyFromPem(bytes)) : readHex(text);
  using _ = keys.signing;
  using __ = keys.encryption;
  return { signing: localKey(keys.signing).publicKey, encryption: localKey(keys.encryption).publicKey };
}

/** The text of a key file without a passphrase: one line of hex for one key, two for two. The caller wipes it. */
export function plainKeyFile(keys: PartyPrivateKeys): Uint8Array {
  const one = keys.signing.publicKey().equals(keys.encryption.publicKey());
  const protos = (one ? [keys.signing] : [keys.signing, keys.encryption]).map(privateKeyToProto);
  const text = new Uint8Array(protos.reduce((length, proto) => length + 2 * proto.length + 1, 0));
  let at = 0;
  for (const proto of protos) {
    for (const byte of proto) {
      text[at++] = hexDigit(byte >> 4);
      text[at++] = hexDigit(byte & 15);
    }
    text[at++] = 0x0a;
    proto.fill(0);
  }
  return text;
}

/** Upper case, as the JVM's software writes it; without a table that secret bytes would index. */
function hexDigit(value: number): number {
  return 0x30 + value + (((9 - value) >> 8) & 7);
}

function readHex(text: string): PartyPrivateKeys {
  const match = HEX.exec(text);
  if (match === null) {
    throw new P8eError("key.invalid", "this file holds neither an encrypted key, PEM, nor a key's hex", {
      hint: "Words are read by mnemonic-file:PATH.",
    });
  }
  const signing = privateKeyFromProtoHex(match[1]!);
  return match[2] === undefined ? once(signing) : { signing, encryption: privateKeyFromProtoHex(match[2]) };
}

function requireKeys(text: string): void {
  if (keyFileContent(text) !== "mnemonic") return;
  throw new P8eError("key.invalid", "this file holds the words of a mnemonic, not keys", {
    hint: "Name it as mnemonic-file:PATH.",
  });
}

function once(key: PartyPrivateKeys["signing"]): PartyPrivateKeys {
  return { signing: key, encryption: key };
}
