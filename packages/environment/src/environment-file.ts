import { readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type AccountAddress, type AccountPrefix, P8eError, parseAccountAddress, parseAccountPrefix } from "@p8e/core";

/**
 * `environment.json` in the data folder: where everything of a local environment is. It names endpoints, databases and
 * public keys; private keys are elsewhere. The file is readable by its owner only, because of the databases' passwords.
 */
export interface EnvironmentFile {
  readonly format: 1;
  readonly chainId: string;
  readonly accountPrefix: AccountPrefix;
  readonly ledgerUrl: string;
  readonly parties: readonly PartyEntry[];
}

export interface PartyEntry {
  readonly name: string;
  readonly title: string;
  readonly address: AccountAddress;
  /** 65-byte points as base64, as audiences name them. */
  readonly signingKey: string;
  readonly encryptionKey: string;
  readonly storeUrl: string;
  /** Where the store keeps its envelopes. */
  readonly storagePath: string;
  readonly database: DatabaseEntry;
}

export interface DatabaseEntry {
  readonly host: string;
  readonly port: number;
  readonly name: string;
  readonly user: string;
  readonly password: string;
  readonly schema: string;
}

const FILE_NAME = "environment.json";
const SIZE_MAX = 1_000_000;

/** Undefined when the folder holds no environment. @throws `configuration.invalid` */
export async function readEnvironmentFile(dataDir: string): Promise<EnvironmentFile | undefined> {
  let text: string;
  try {
    text = await readFile(join(dataDir, FILE_NAME), "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw P8eError.from(error, "configuration.invalid");
  }
  return parseEnvironmentFile(text, join(dataDir, FILE_NAME));
}

export async function writeEnvironmentFile(dataDir: string, file: EnvironmentFile): Promise<void> {
  const path = join(dataDir, FILE_NAME);
  await writeFile(`${path}.new`, `${JSON.stringify(file, null, 2)}\n`, { mode: 0o600, flush: true });
  await rename(`${path}.new`, path);
}

/** @throws `configuration.invalid` naming the field */
export function parseEnvironmentFile(text: string, path: string): EnvironmentFile {
  const refuse = (field: string): P8eError =>
    new P8eError("configuration.invalid", `${path}: ${field} is missing or not of its form`, {
      facts: { file: path, field },
      hint: "Remove the data folder to begin anew, or name another with --data.",
    });
  if (text.length > SIZE_MAX) throw refuse("the file");
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw refuse("the file");
  }
  const object = (from: unknown, field: string): Record<string, unknown> => {
    if (typeof from !== "object" || from === null || Array.isArray(from)) throw refuse(field);
    return from as Record<string, unknown>;
  };
  const string = (from: Record<string, unknown>, field: string, at = ""): string => {
    const found = from[field];
    if (typeof found !== "string") throw refuse(`${at}${field}`);
    return found;
  };
  const root = object(value, "the file");
  if (root.format !== 1) throw refuse("format");
  if (!Array.isArray(root.parties) || root.parties.length > 100) throw refuse("parties");
  const prefixText = string(root, "accountPrefix");
  let accountPrefix: AccountPrefix;
  try {
    accountPrefix = parseAccountPrefix(prefixText);
  } catch {
    throw refuse("accountPrefix");
  }
  return {
    format: 1,
    chainId: string(root, "chainId"),
    accountPrefix,
    ledgerUrl: string(root, "ledgerUrl"),
    parties: root.parties.map((entry, index) => {
      const at = `parties[${index}].`;
      const party = object(entry, `parties[${index}]`);
      const database = object(party.database, `${at}database`);
      const port = database.port;
      if (typeof port !== "number" || !Number.isInteger(port)) throw refuse(`${at}database.port`);
      return {
        name: string(party, "name", at),
        title: string(party, "title", at),
        address: parseAccountAddress(string(party, "address", at), accountPrefix),
        signingKey: string(party, "signingKey", at),
        encryptionKey: string(party, "encryptionKey", at),
        storeUrl: string(party, "storeUrl", at),
        storagePath: string(party, "storagePath", at),
        database: {
          host: string(database, "host", `${at}database.`),
          port,
          name: string(database, "name", `${at}database.`),
          user: string(database, "user", `${at}database.`),
          password: string(database, "password", `${at}database.`),
          schema: string(database, "schema", `${at}database.`),
        },
      };
    }),
  };
}
