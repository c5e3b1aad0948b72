import { randomBytes } from "node:crypto";
import { mkdir, rename, rm, writeFile } from "node:fs/promises";
import { isAbsolute, join, resolve } from "node:path";
import { hasCode, P8eError, parseJson, shape, utf8Decode } from "@p8e/core";
import { readSecretFile } from "@p8e/keys/secret-file";
import type { LocatedProfile } from "./profile/profile.ts";

/** A PostgreSQL database with its password, as a store and whoever inspects it connects to. */
export interface DatabaseAccess {
  readonly host: string;
  readonly port: number;
  readonly name: string;
  readonly user: string;
  readonly password: string;
  readonly schema: string;
}

/** Where a store keeps what it has: for its operator, never for a client. */
export interface StoreAccess {
  readonly database: DatabaseAccess;
  /** Folder of the envelopes, unless `storage` says that they lie elsewhere. */
  readonly storagePath: string;
  /** Where the envelopes lie instead, as the store reads it: `s3://…`, `gs://…`, an absolute path. */
  readonly storage?: string | undefined;
}

/** Names the database of a store that runs on this machine; in the store's folder, readable by its owner alone. */
export const STORE_FILE = "store.json";
const STORE_FORMAT = 1;
const SIZE_MAX = 100_000;

const text = (says: string) => shape.text({ says, form: /./s, lengthMax: 10_000 });

const storeShape = shape.object({
  format: shape.only(STORE_FORMAT),
  database: shape.object({
    host: text("a host"),
    port: shape.whole(1, 65_535),
    name: text("a database's name"),
    user: text("a role's name"),
    password: text("a password"),
    schema: text("a schema's name"),
  }),
  storagePath: text("a folder"),
  storage: shape.optional(text("where a store keeps its objects")),
});

/**
 * Undefined when the folder holds no store yet.
 * @throws `configuration.invalid`, `key.exposed` when others can read the file: it holds a password
 */
export async function readStoreFile(folder: string): Promise<StoreAccess | undefined> {
  const file = join(folder, STORE_FILE);
  let content: Uint8Array;
  try {
    content = await readSecretFile(file, { sizeMax: SIZE_MAX });
  } catch (error) {
    if (hasCode(error, "key.unavailable") && (error.cause as NodeJS.ErrnoException | undefined)?.code === "ENOENT") {
      return undefined;
    }
    throw error;
  }
  const { database, storagePath, storage } = parseJson(storeShape, content, {
    what: "the file",
    file,
    code: "configuration.invalid",
    newestFormat: STORE_FORMAT,
    bytesMax: SIZE_MAX,
  });
  const path = isAbsolute(storagePath) ? storagePath : resolve(folder, storagePath);
  return { database, storagePath: path, ...(storage === undefined ? {} : { storage }) };
}

/** Replaces it at once; makes the folder (0700). A relative `storagePath` is relative to the folder. */
export async function writeStoreFile(folder: string, access: StoreAccess): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const file = join(folder, STORE_FILE);
  const draft = `${file}.${randomBytes(6).toString("hex")}.new`;
  const { database, storagePath, storage } = access;
  const value = { format: STORE_FORMAT, database, storagePath, storage };
  try {
    await writeFile(draft, `${JSON.stringify(value, null, 2)}\n`, { flag: "wx", mode: 0o600, flush: true });
    await rename(draft, file);
  } catch (cause) {
    await rm(draft, { force: true });
    throw new P8eError("configuration.invalid", `${file} cannot be written`, { facts: { file }, cause });
  }
}

/**
 * Where the party's own store keeps what it has, as its profile says; undefined when the profile knows the store by its
 * URL alone, or when the store has not been started yet.
 * @throws `configuration.invalid` also when a password cannot be found where the profile says it is
 */
export async function ownStoreAccess(
  { profile, folder }: LocatedProfile,
  variables: Readonly<Record<string, string | undefined>>,
): Promise<StoreAccess | undefined> {
  const { data, database, storagePath, storage } = profile.store;
  if (data !== undefined) return readStoreFile(resolve(folder, data));
  if (database === undefined) return undefined;
  const { passwordReference, ...rest } = database;
  const password = await readSecret(passwordReference, folder, variables);
  return {
    database: { ...rest, password },
    storagePath: resolve(folder, storagePath ?? ".p8e/store/objects"),
    ...(storage === undefined ? {} : { storage }),
  };
}

/** A password by where it is: `env:NAME` or `file:PATH`, whose first line it is. */
async function readSecret(
  reference: string,
  folder: string,
  variables: Readonly<Record<string, string | undefined>>,
): Promise<string> {
  const where = reference.slice(reference.indexOf(":") + 1);
  if (reference.startsWith("env:")) {
    const value = variables[where];
    if (value) return value;
    throw new P8eError("configuration.invalid", `the variable ${where} is not set`, {
      facts: { field: "store.database.password" },
      hint: "It holds the password of the store's database.",
    });
  }
  const bytes = await readSecretFile(resolve(folder, where), { sizeMax: 10_000 });
  return utf8Decode(bytes).split(/\r?\n/, 1)[0]!;
}
