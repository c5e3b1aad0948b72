import { createCipheriv, createDecipheriv, createSecretKey, scrypt } from "node:crypto";
import {
  base64Decode,
  base64Encode,
  P8eError,
  parseJson,
  type RandomBytes,
  shape,
  throwIfCancelled,
  utf8Encode,
  type ValueOf,
} from "@p8e/core";
import { heapMemory, type SecretMemory, SecretScope } from "./secret-memory.ts";

/*
 * A secret under a passphrase, as JSON: scrypt makes a key of the passphrase, AES-256-GCM encrypts the secret, and
 * everything else in the file is bound to it as associated data, so that no parameter and no public key can be swapped
 * unnoticed. What the secret is, its form says: kind, version, the names of the texts that stand in the open, its length.
 */

/** What a sealed file can be. A form that was ever written is never changed: a new one gets a new version. */
export interface SealedForm {
  readonly kind: string;
  readonly version: number;
  /** Members in the open, each a text, in the order in which they are written. */
  readonly open: readonly string[];
  /** Length of the secret, in bytes. */
  readonly length: number;
}

/** scrypt's cost: memory is 128 · r · 2^logN bytes. */
export interface ScryptCost {
  readonly logN: number;
  readonly r: number;
  readonly p: number;
}

/** 128 MiB, some hundred milliseconds. */
export const DEFAULT_SCRYPT_COST: ScryptCost = { logN: 17, r: 8, p: 1 };

/** What sealing and opening can be told. */
export interface SealedFileOptions {
  readonly memory?: SecretMemory;
  /** scrypt cannot be stopped; its result is thrown away. */
  readonly signal?: AbortSignal | undefined;
}

/** What sealing needs besides. */
export interface SealingOptions extends SealedFileOptions {
  readonly random: RandomBytes;
  /** Default: {@link DEFAULT_SCRYPT_COST}. */
  readonly cost?: ScryptCost;
}

/** A sealed file that was read and is not opened yet. */
export interface SealedFile {
  readonly form: SealedForm;
  readonly open: Readonly<Record<string, string>>;
  readonly cost: ScryptCost;
  readonly salt: Uint8Array;
  readonly iv: Uint8Array;
  readonly sealed: Uint8Array;
}

const TEXT_BYTES_MAX = 4096;
const SALT_LENGTH = 16;
const IV_LENGTH = 12;
const TAG_LENGTH = 16;

/** A file asking for less protects nothing, one asking for more could stop the machine that opens it. */
const COST_BOUNDS = { logN: [14, 20], r: [8, 8], p: [1, 4] } as const;

/**
 * The text of a sealed file. A passphrase given as text is normalized (NFKC); bytes are taken as they are.
 * @throws `input.invalid` for an empty passphrase or a cost out of bounds, `rpc.cancelled`
 */
export async function writeSealedFile(
  form: SealedForm,
  content: { readonly open: Readonly<Record<string, string>>; readonly secret: Uint8Array },
  passphrase: string | Uint8Array,
  options: SealingOptions,
): Promise<string> {
  const { random, cost = DEFAULT_SCRYPT_COST, memory = heapMemory, signal } = options;
  if (!withinBounds(cost)) {
    throw new P8eError("input.invalid", "scrypt's cost is out of bounds", { facts: { ...cost } });
  }
  using secrets = new SecretScope(memory);
  const file = { form, open: content.open, cost, salt: random(SALT_LENGTH), iv: random(IV_LENGTH) };
  const wrapping = await deriveKey(passphrase, file, secrets, signal);
  const cipher = createCipheriv("aes-256-gcm", createSecretKey(wrapping), file.iv, { authTagLength: TAG_LENGTH });
  cipher.setAAD(boundParts(file));
  const ciphertext = cipher.update(content.secret);
  cipher.final();
  const sealed = base64Encode(Buffer.concat([ciphertext, cipher.getAuthTag()]));
  return `${JSON.stringify({ ...headOf(file), sealed }, undefined, 2)}\n`;
}

/**
 * Reads the text of a file of one of these forms, without opening it.
 * @throws `key.invalid` for anything else, with what it is where that can be told: another kind, a newer version
 */
export function readSealedFile(text: string, forms: readonly SealedForm[]): SealedFile {
  const head = readHead(text);
  const form = forms.find(({ kind, version }) => head?.kind === kind && head.version === version);
  if (head === undefined || form === undefined) throw notOfTheseForms(head, forms);
  const { kdf, cipher, sealed, ...rest } = parseJson(shapeOf(form), text, CONTEXT);
  const open: Readonly<Record<string, unknown>> = rest;
  return {
    form,
    open: Object.fromEntries(form.open.map((name) => [name, String(open[name])])),
    cost: { logN: kdf.logN, r: kdf.r, p: kdf.p },
    salt: kdf.salt,
    iv: cipher.iv,
    sealed,
  };
}

/** The kind that a sealed file says it is of; undefined for text that is no JSON or names none. */
export function sealedFileKind(text: string): string | undefined {
  return readHead(text)?.kind;
}

/**
 * The secret of a sealed file, for `use`, which must not keep it.
 * @throws `key.passphrase` when the passphrase is wrong or the file was changed (the two cannot be told apart),
 * `input.invalid` for an empty passphrase, `rpc.cancelled`
 */
export async function openSealedFile<T>(
  file: SealedFile,
  passphrase: string | Uint8Array,
  use: (secret: Uint8Array) => T,
  options: SealedFileOptions = {},
): Promise<T> {
  const { memory = heapMemory, signal } = options;
  using secrets = new SecretScope(memory);
  const wrapping = await deriveKey(passphrase, file, secrets, signal);
  return use(secrets.adopt(unwrap(file, wrapping)));
}

function unwrap(file: SealedFile, wrapping: Uint8Array): Uint8Array {
  const { length } = file.form;
  const decipher = createDecipheriv("aes-256-gcm", createSecretKey(wrapping), file.iv, { authTagLength: TAG_LENGTH });
  decipher.setAAD(boundParts(file));
  decipher.setAuthTag(file.sealed.subarray(length));
  const secret = decipher.update(file.sealed.subarray(0, length));
  try {
    decipher.final();
    return secret;
  } catch {
    secret.fill(0);
    throw new P8eError("key.passphrase", "the passphrase does not open this key file");
  }
}

async function deriveKey(
  passphrase: string | Uint8Array,
  { salt, cost: { logN, r, p } }: Pick<SealedFile, "salt" | "cost">,
  secrets: SecretScope,
  signal: AbortSignal | undefined,
): Promise<Uint8Array> {
  if (passphrase.length === 0) throw new P8eError("input.invalid", "a passphrase is not empty");
  throwIfCancelled(signal);
  const bytes = typeof passphrase === "string" ? secrets.adopt(utf8Encode(passphrase.normalize("NFKC"))) : passphrase;
  const N = 2 ** logN;
  const maxmem = 128 * N * r + 128 * r * p + 1024 * 1024;
  const { promise, resolve, reject } = Promise.withResolvers<Uint8Array>();
  scrypt(bytes, salt, 32, { N, r, p, maxmem }, (error, derived) =>
    error === null ? resolve(derived) : reject(new P8eError("key.unavailable", "scrypt failed", { cause: error })),
  );
  const key = secrets.adopt(await promise);
  throwIfCancelled(signal);
  return key;
}

/** The file without its ciphertext, in the one spelling that we write. */
function boundParts(file: Omit<SealedFile, "sealed">): Uint8Array {
  return utf8Encode(JSON.stringify(headOf(file)));
}

function headOf({ form, open, cost, salt, iv }: Omit<SealedFile, "sealed">): Record<string, unknown> {
  return {
    kind: form.kind,
    version: form.version,
    ...Object.fromEntries(form.open.map((name) => [name, open[name]])),
    kdf: { name: "scrypt", logN: cost.logN, r: cost.r, p: cost.p, salt: base64Encode(salt) },
    cipher: { name: "aes-256-gcm", iv: base64Encode(iv) },
  };
}

const CONTEXT = { what: "the key file", code: "key.invalid", bytesMax: TEXT_BYTES_MAX } as const;

const headShape = shape.openObject({ kind: shape.text(), version: shape.optional(shape.whole(0, 1_000_000)) });

function readHead(text: string): ValueOf<typeof headShape> | undefined {
  try {
    return parseJson(headShape, text, CONTEXT);
  } catch {
    return undefined;
  }
}

/** Bytes of one length, in the one spelling that we write. */
function bytesOf(length: number) {
  return shape.parsed(`${length} bytes in base64`, (text) => {
    const bytes = base64Decode(text);
    if (bytes.length !== length || base64Encode(bytes) !== text) throw new Error("another length or spelling");
    return bytes;
  });
}

function shapeOf(form: SealedForm) {
  const { logN, r, p } = COST_BOUNDS;
  return shape.object({
    kind: shape.only(form.kind),
    version: shape.only(form.version),
    ...Object.fromEntries(form.open.map((name) => [name, shape.text()])),
    kdf: shape.object({
      name: shape.only("scrypt"),
      logN: shape.whole(...logN),
      r: shape.whole(...r),
      p: shape.whole(...p),
      salt: bytesOf(SALT_LENGTH),
    }),
    cipher: shape.object({ name: shape.only("aes-256-gcm"), iv: bytesOf(IV_LENGTH) }),
    sealed: bytesOf(form.length + TAG_LENGTH),
  });
}

function withinBounds(cost: ScryptCost): boolean {
  return (["logN", "r", "p"] as const).every((name) => {
    const [least, most] = COST_BOUNDS[name];
    return Number.isInteger(cost[name]) && cost[name] >= least && cost[name] <= most;
  });
}

function notOfTheseForms(head: ValueOf<typeof headShape> | undefined, forms: readonly SealedForm[]): P8eError {
  const newest = Math.max(...forms.filter(({ kind }) => kind === head?.kind).map(({ version }) => version));
  if (head?.version !== undefined && Number.isFinite(newest) && head.version > newest) {
    return new P8eError("key.invalid", "this key file is of a newer version than this program reads", {
      facts: { version: head.version, newest },
    });
  }
  return new P8eError("key.invalid", "not a key file of a version that this program reads");
}
