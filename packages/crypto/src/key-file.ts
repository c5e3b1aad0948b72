import { createCipheriv, createDecipheriv, createSecretKey, scrypt } from "node:crypto";
import { base64Decode, base64Encode, P8eError, type RandomBytes, utf8Encode } from "@p8e/core";
import { type CurveBackend, defaultBackend } from "./curve-backend.ts";
import { type PrivateKey, parsePrivateKey } from "./private-key.ts";
import { type PublicKey, publicKeyFromBase64 } from "./public-key.ts";
import { heapMemory, type SecretMemory, SecretScope } from "./secret-memory.ts";

/*
 * A private key under a passphrase, as JSON: scrypt makes a key of the passphrase, AES-256-GCM encrypts the 32 bytes of
 * the scalar, and everything else in the file is bound to them as associated data, so that no parameter and no public
 * key can be swapped unnoticed.
 */

const KIND = "p8e private key";
const VERSION = 1;
const TEXT_MAX = 4096;
const SALT_LENGTH = 16;
const IV_LENGTH = 12;
const TAG_LENGTH = 16;

/** scrypt's cost: memory is 128 · r · 2^logN bytes. */
export interface ScryptCost {
  readonly logN: number;
  readonly r: number;
  readonly p: number;
}

/** 128 MiB, some hundred milliseconds. */
export const DEFAULT_SCRYPT_COST: ScryptCost = { logN: 17, r: 8, p: 1 };

/** A file asking for less protects nothing, one asking for more could stop the machine that opens it. */
const COST_BOUNDS = { logN: [14, 20], r: [8, 8], p: [1, 4] } as const;

interface KeyFile {
  readonly publicKey: string;
  readonly cost: ScryptCost;
  readonly salt: Uint8Array;
  readonly iv: Uint8Array;
  readonly sealed: Uint8Array;
}

export interface KeyFileOptions {
  readonly memory?: SecretMemory;
  readonly backend?: CurveBackend;
}

/**
 * The text of a key file. A passphrase given as text is normalized (NFKC); bytes are taken as they are.
 * @throws `input.invalid` for an empty passphrase or a cost out of bounds
 */
export async function encryptPrivateKey(
  key: PrivateKey,
  passphrase: string | Uint8Array,
  options: KeyFileOptions & { readonly random: RandomBytes; readonly cost?: ScryptCost },
): Promise<string> {
  const { random, cost = DEFAULT_SCRYPT_COST, memory = heapMemory, backend = defaultBackend() } = options;
  if (!withinBounds(cost))
    throw new P8eError("input.invalid", "scrypt's cost is out of bounds", { facts: { ...cost } });
  using secrets = new SecretScope(memory);
  const file = {
    publicKey: key.publicKey(backend).base64,
    cost,
    salt: random(SALT_LENGTH),
    iv: random(IV_LENGTH),
  };
  const wrapping = await deriveKey(passphrase, file.salt, cost, secrets);
  const cipher = createCipheriv("aes-256-gcm", createSecretKey(wrapping), file.iv, { authTagLength: TAG_LENGTH });
  cipher.setAAD(boundParts(file));
  const ciphertext = key.use((scalar) => cipher.update(scalar));
  cipher.final();
  return writeKeyFile({ ...file, sealed: Buffer.concat([ciphertext, cipher.getAuthTag()]) });
}

/**
 * @throws `key.passphrase` when the passphrase is wrong or the file was changed (the two cannot be told apart),
 * `key.invalid` for text that is no key file or asks for a cost out of bounds
 */
export async function decryptPrivateKey(
  text: string,
  passphrase: string | Uint8Array,
  options: KeyFileOptions = {},
): Promise<PrivateKey> {
  const { memory = heapMemory, backend = defaultBackend() } = options;
  const file = readKeyFile(text);
  using secrets = new SecretScope(memory);
  const wrapping = await deriveKey(passphrase, file.salt, file.cost, secrets);
  const key = parsePrivateKey(secrets.adopt(unwrap(file, wrapping)));
  if (key.publicKey(backend).base64 === file.publicKey) return key;
  key.dispose();
  throw notAKeyFile();
}

/** The public key that a key file says it belongs to: for a person to recognise it by. Proved only by decryption. */
export function keyFilePublicKey(text: string, backend: CurveBackend = defaultBackend()): PublicKey {
  return publicKeyFromBase64(readKeyFile(text).publicKey, backend);
}

function unwrap(file: KeyFile, wrapping: Uint8Array): Uint8Array {
  const decipher = createDecipheriv("aes-256-gcm", createSecretKey(wrapping), file.iv, { authTagLength: TAG_LENGTH });
  decipher.setAAD(boundParts(file));
  decipher.setAuthTag(file.sealed.subarray(32));
  const scalar = decipher.update(file.sealed.subarray(0, 32));
  try {
    decipher.final();
    return scalar;
  } catch {
    scalar.fill(0);
    throw new P8eError("key.passphrase", "the passphrase does not open this key file");
  }
}

async function deriveKey(
  passphrase: string | Uint8Array,
  salt: Uint8Array,
  cost: ScryptCost,
  secrets: SecretScope,
): Promise<Uint8Array> {
  if (passphrase.length === 0) throw new P8eError("input.invalid", "a passphrase is not empty");
  const bytes = typeof passphrase === "string" ? secrets.adopt(utf8Encode(passphrase.normalize("NFKC"))) : passphrase;
  const N = 2 ** cost.logN;
  const maxmem = 128 * N * cost.r + 128 * cost.r * cost.p + 1024 * 1024;
  const { promise, resolve, reject } = Promise.withResolvers<Uint8Array>();
  scrypt(bytes, salt, 32, { N, r: cost.r, p: cost.p, maxmem }, (error, derived) =>
    error === null ? resolve(derived) : reject(new P8eError("key.unavailable", "scrypt failed", { cause: error })),
  );
  return secrets.adopt(await promise);
}

/** The file without its ciphertext, in the one spelling that we write. */
function boundParts(file: Omit<KeyFile, "sealed">): Uint8Array {
  return utf8Encode(JSON.stringify(headOf(file)));
}

function headOf({ publicKey, cost: { logN, r, p }, salt, iv }: Omit<KeyFile, "sealed">): Record<string, unknown> {
  return {
    kind: KIND,
    version: VERSION,
    publicKey,
    kdf: { name: "scrypt", logN, r, p, salt: base64Encode(salt) },
    cipher: { name: "aes-256-gcm", iv: base64Encode(iv) },
  };
}

function writeKeyFile(file: KeyFile): string {
  return `${JSON.stringify({ ...headOf(file), sealed: base64Encode(file.sealed) }, undefined, 2)}\n`;
}

function readKeyFile(text: string): KeyFile {
  if (text.length > TEXT_MAX) throw notAKeyFile();
  let file: KeyFile;
  let value: unknown;
  try {
    value = JSON.parse(text);
    const { publicKey, kdf, cipher, sealed } = value as Record<string, unknown> & {
      kdf: Record<string, unknown>;
      cipher: Record<string, unknown>;
    };
    file = {
      publicKey: publicKey as string,
      cost: { logN: kdf.logN as number, r: kdf.r as number, p: kdf.p as number },
      salt: base64Decode(kdf.salt as string),
      iv: base64Decode(cipher.iv as string),
      sealed: base64Decode(sealed as string),
    };
  } catch {
    throw notAKeyFile();
  }
  const lengths = [file.salt.length, file.iv.length, file.sealed.length];
  const fits = lengths[0] === SALT_LENGTH && lengths[1] === IV_LENGTH && lengths[2] === 32 + TAG_LENGTH;
  // Written back it must be the same text: so every name, type and version is what we write.
  const same = JSON.stringify(value) === JSON.stringify({ ...headOf(file), sealed: base64Encode(file.sealed) });
  if (!fits || !same || typeof file.publicKey !== "string" || !withinBounds(file.cost)) throw notAKeyFile();
  return file;
}

function withinBounds(cost: ScryptCost): boolean {
  return (["logN", "r", "p"] as const).every((name) => {
    const [least, most] = COST_BOUNDS[name];
    return Number.isInteger(cost[name]) && cost[name] >= least && cost[name] <= most;
  });
}

function notAKeyFile(): P8eError {
  return new P8eError("key.invalid", "not a key file of a version and cost that this program reads");
}
