import { readFile, rename, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import {
  type AccountAddress,
  type Network,
  networkNamed,
  P8eError,
  parseAccountAddress,
  parseJson,
  shape,
} from "@p8e/core";
import { ENVIRONMENT_FILE, isPartyTitle, type PartyDescription, parsePartyName } from "@p8e/party/profile";

/**
 * `environment.json` in the data folder: what a local environment runs, and for whom. No secret is in it: keys and the
 * databases' passwords lie in files of their own beside it.
 */
export interface EnvironmentFile {
  readonly format: typeof ENVIRONMENT_FORMAT;
  /** Whose chain the ledger serves; in the file by the name of a built-in one. */
  readonly network: Network;
  /** What runs as the ledger; in the file only where it is not the embedded one. */
  readonly ledger: LedgerKind;
  readonly ledgerUrl: string;
  readonly parties: readonly PartyDescription[];
}

/** The ledgers that an environment can run: the embedded one, or a real Provenance node with a chain of its own. */
export const ledgerKinds = ["embedded", "provenanced"] as const;

/** One of {@link ledgerKinds}. */
export type LedgerKind = (typeof ledgerKinds)[number];

/** 1 was the format before parties had profiles. */
export const ENVIRONMENT_FORMAT = 2;
const BYTES_MAX = 1_000_000;

const url = shape.text({ form: /^grpc:\/\/127\.0\.0\.1:\d{1,5}$/, says: "grpc://127.0.0.1:PORT" });
const address: (text: string) => AccountAddress = (text) => parseAccountAddress(text);
const key = shape.text({ form: /^[A-Za-z0-9+/]{86,88}={0,2}$/, says: "a public key in base64" });
const party = shape.object({
  name: shape.parsed("a party's name", parsePartyName),
  title: shape.parsed("a title", (text) => {
    if (!isPartyTitle(text)) throw new P8eError("name.invalid", "not a title");
    return text;
  }),
  address: shape.parsed("an account address", address),
  signingKey: key,
  encryptionKey: key,
  storeUrl: url,
});
const environment = shape.object({
  format: shape.only(ENVIRONMENT_FORMAT),
  network: shape.parsed("a built-in network", (name) => {
    const network = networkNamed(name);
    if (network === undefined) throw new P8eError("configuration.invalid", "not a built-in network");
    return network;
  }),
  ledger: shape.optional(shape.oneOf(ledgerKinds)),
  ledgerUrl: url,
  parties: shape.list(party, 100),
});

/** Undefined when the folder holds no environment. @throws as {@link parseEnvironmentFile} */
export async function readEnvironmentFile(dataDir: string): Promise<EnvironmentFile | undefined> {
  const file = join(dataDir, ENVIRONMENT_FILE);
  let text: string;
  try {
    text = await readFile(file, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw P8eError.from(error, "configuration.invalid");
  }
  return parseEnvironmentFile(text, file);
}

/** Replaces it at once. */
export async function writeEnvironmentFile(dataDir: string, file: EnvironmentFile): Promise<void> {
  const path = join(dataDir, ENVIRONMENT_FILE);
  const { format, network, ledger, ...rest } = file;
  const value = { format, network: network.name, ...(ledger === "embedded" ? {} : { ledger }), ...rest };
  await writeFile(`${path}.new`, `${JSON.stringify(value, null, 2)}\n`, { mode: 0o600, flush: true });
  await rename(`${path}.new`, path);
}

/**
 * @throws `configuration.invalid` naming the field, a newer format as newer, and for a folder of an earlier p8e the command
 *   that removes it
 */
export function parseEnvironmentFile(text: string, path: string): EnvironmentFile {
  if (isEarlier(text)) {
    throw new P8eError("configuration.invalid", `${path} is of an earlier p8e, and cannot be continued`, {
      facts: { file: path, field: "format", format: 1, newest: ENVIRONMENT_FORMAT },
      hint: `p8e reset --data ${dirname(path)} removes this environment and its data; then begin anew.`,
    });
  }
  const read = parseJson(environment, text, {
    what: "the environment",
    file: path,
    code: "configuration.invalid",
    newestFormat: ENVIRONMENT_FORMAT,
    bytesMax: BYTES_MAX,
    hint: "Remove the data folder with p8e reset to begin anew, or name another with --data.",
  });
  return { ...read, ledger: read.ledger ?? "embedded" };
}

/**
 * An environment keeps the ledger that it began with.
 * @throws `configuration.invalid` when another is wanted
 */
export function requireLedger(dataDir: string, file: EnvironmentFile, wanted: LedgerKind | undefined): void {
  if (wanted === undefined || wanted === file.ledger) return;
  throw new P8eError("configuration.invalid", `the environment in ${dataDir} has the ledger ${file.ledger}`, {
    facts: { file: join(dataDir, ENVIRONMENT_FILE), field: "ledger", ledger: file.ledger, wanted },
    hint: "Name another folder with --data, or remove this one with p8e reset.",
  });
}

function isEarlier(text: string): boolean {
  if (text.length > BYTES_MAX) return false;
  try {
    return (JSON.parse(text) as { format?: unknown } | null)?.format === 1;
  } catch {
    return false;
  }
}
