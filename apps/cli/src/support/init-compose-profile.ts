import { mkdir } from "node:fs/promises";
import { join, resolve } from "node:path";
import { hasCode, networks, P8eError } from "@p8e/core";
import { accountAddress, privateKeyFromMnemonic } from "@p8e/crypto";
import { createSecretFile, readSecretFile } from "@p8e/keys";
import {
  createProfile,
  DEVELOPMENT_ENCRYPTION_PATH,
  DEVELOPMENT_SIGNING_PATH,
  developmentParty,
  makePartyFolder,
  PARTY_FOLDER,
  type PartyDescription,
  parsePartyName,
  requireNoProfile,
} from "@p8e/party";
import { profileView } from "@p8e/party/views";
import type { CommandContext } from "../command-context.ts";

/** A party of `deploy/compose/compose.yaml`: the variable of its store's port on this machine, and its name in the network. */
interface ComposeParty {
  readonly variable: string;
  readonly port: number;
  readonly url: string;
}

/** The parties of the compose file; a test holds them equal. */
export const composeParties: Readonly<Record<string, ComposeParty>> = {
  lender: { variable: "P8E_STORE_PORT", port: 5001, url: "grpc://store:8080" },
  bank: { variable: "P8E_STORE_BANK_PORT", port: 5002, url: "grpc://store-bank:8080" },
};
/** Where the compose file publishes its ledger. */
export const composeNode = { variable: "P8E_NODE_PORT", port: 9090 } as const;

/** More than any file with words, or with keys, has. */
const KEY_FILE_BYTES_MAX = 4096;

/**
 * Writes the profile of a development party whose store and ledger the compose file runs. The other party is its partner,
 * at the URL that the stores have for each other. The keys are published ones, for servers on this machine alone.
 */
export async function initComposeProfile(
  { screen, variables }: CommandContext,
  folderText: string,
  { party = "lender" }: { readonly party?: string },
): Promise<void> {
  const folder = resolve(folderText);
  await requireNoProfile(folder);
  const own = composeParties[party];
  const words = developmentParty(party)?.mnemonic;
  if (own === undefined || words === undefined) {
    throw new P8eError("input.invalid", `the compose file has no party "${party}"`, {
      facts: { parties: Object.keys(composeParties) },
    });
  }
  const at = ({ variable, port }: { readonly variable: string; readonly port: number }) =>
    `grpc://127.0.0.1:${portOf(variable, variables[variable]) ?? port}`;
  const others = Object.keys(composeParties).filter((name) => name !== party);
  const keyFile = `${PARTY_FOLDER}/keys/${party}`;
  const reference = `mnemonic-file:${keyFile}`;
  await mkdir(folder, { recursive: true });
  await makePartyFolder(folder);
  await mkdir(join(folder, PARTY_FOLDER, "keys"), { recursive: true, mode: 0o700 });
  await writeWords(join(folder, keyFile), `${words}\n`);
  const located = await createProfile(folder, {
    party: describe(party, at(own)),
    network: networks.local,
    node: { url: at(composeNode) },
    keys: {
      ...{ signing: reference, encryption: reference },
      ...{ signingPath: DEVELOPMENT_SIGNING_PATH, encryptionPath: DEVELOPMENT_ENCRYPTION_PATH },
    },
    store: {},
    partners: others.map((name) => ({ ...describe(name, composeParties[name]!.url), toRegister: false })),
  });
  screen.say(`${screen.style("green", "✔")} ${located.file} is the profile of ${located.profile.party.title}`);
  screen.facts([
    ["account", located.profile.party.address],
    ["node", located.profile.node.url],
    ["own store", located.profile.party.storeUrl],
  ]);
  screen.warn("its keys are published: they are for servers on this machine, and for nothing of value");
  screen.result(profileView(located));
}

/**
 * A file that has these words already is as good: a try that was interrupted before the profile was there leaves it.
 * @throws `key.exists` when something else is in it, and as `createSecretFile` and `readSecretFile`
 */
async function writeWords(path: string, content: string): Promise<void> {
  try {
    await createSecretFile(path, content);
  } catch (error) {
    if (!hasCode(error, "key.exists")) throw error;
    const there = await readSecretFile(path, { sizeMax: KEY_FILE_BYTES_MAX });
    if (Buffer.from(there).toString("utf8") !== content) throw error;
  }
}

function describe(name: string, storeUrl: string): PartyDescription {
  const { title, mnemonic } = developmentParty(name)!;
  using signing = privateKeyFromMnemonic(mnemonic, DEVELOPMENT_SIGNING_PATH);
  using encryption = privateKeyFromMnemonic(mnemonic, DEVELOPMENT_ENCRYPTION_PATH);
  return {
    name: parsePartyName(name),
    title,
    address: accountAddress(signing.publicKey(), networks.local.accountPrefix),
    signingKey: signing.publicKey().base64,
    encryptionKey: encryption.publicKey().base64,
    storeUrl,
  };
}

/** @throws `configuration.invalid` */
function portOf(variable: string, text: string | undefined): number | undefined {
  if (text === undefined || text === "") return undefined;
  const port = Number(text);
  if (/^\d{1,5}$/.test(text) && port >= 1 && port <= 65_535) return port;
  throw new P8eError("configuration.invalid", `${variable} is no port`, { facts: { variables: [variable] } });
}
