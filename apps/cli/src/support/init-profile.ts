import { mkdir } from "node:fs/promises";
import { join, resolve } from "node:path";
import { hasCode, networks, P8eError } from "@p8e/core";
import { accountAddress, type PublicKey, systemRandom } from "@p8e/crypto";
import { type KeyMaterial, type KeyUse, keysOf, newWords, openPartyKeys } from "@p8e/keys";
import {
  connectNode,
  createProfile,
  isPartyTitle,
  LOCAL_NODE_URL,
  type LocatedProfile,
  makePartyFolder,
  PARTY_FOLDER,
  PROFILE_FILE,
  type Profile,
  type ProfileTls,
  parsePartyName,
  parseProfile,
  profileText,
  requireNoProfile,
  storeTarget,
  usualFeeMax,
} from "@p8e/party";
import { profileView } from "@p8e/party/views";
import type { CommandContext } from "../command-context.ts";
import { askLine } from "../terminal/ask.ts";
import { type ChosenNetwork, chooseNetwork, fromFolder } from "./choose-network.ts";
import { keyPaths, requireNoKeyFile, showWords, writeNewKeys } from "./new-keys.ts";
import { processTerminal } from "./passphrase.ts";

/** What `p8e init` can be told. */
export interface InitOptions {
  readonly name?: string;
  readonly title?: string;
  readonly network?: string;
  readonly node?: string;
  readonly nodeCa?: string;
  readonly store?: string;
  readonly storeCa?: string;
  readonly storeElsewhere: boolean;
  readonly key?: string;
  readonly path?: string;
  readonly encryptionPath?: string;
  readonly oneKey: boolean;
  readonly plain: boolean;
}

const LOCAL_STORE = "grpc://127.0.0.1:8080";
const LOOK_MS = 3000;

/** Makes a profile in front of the person's eyes. Nothing needs to run yet; what could not be looked at is said. */
export async function initProfile(context: CommandContext, folderText: string, options: InitOptions): Promise<void> {
  const { screen } = context;
  const folder = resolve(folderText);
  await requireNoProfile(folder);
  const name = parsePartyName(await answered(context, options.name, "--name", "The party's name", undefined));
  const title = await answered(context, options.title, "--title", "How people call it", titleOf(name));
  if (!isPartyTitle(title)) throw new P8eError("input.invalid", "a title is one line of at most 100 characters");
  const chosen = await chooseNetwork(
    await answered(context, options.network, "--network", "Which network: local, testnet, mainnet or a file", "local"),
  );
  const nodeUrl = await answered(context, options.node, "--node", "Which node to ask", nodeOf(chosen));
  const storeUrl = await answered(context, options.store, "--store", "Where the own store is reached", LOCAL_STORE);
  const paths = keyPaths(chosen.network, { ...options, words: false });
  const given = options.key;
  const words = given === undefined ? newWords(systemRandom) : undefined;
  const publicKeys = given === undefined ? derived(words!, paths) : await opened(context, folder, given, paths);
  const keyFile = join(PARTY_FOLDER, "keys", name);
  const reference = given ?? `file:${keyFile.replaceAll("\\", "/")}`;
  const feeMax = usualFeeMax(chosen.network);
  const draft: Profile = {
    party: {
      name,
      title,
      address: accountAddress(publicKeys.signing, chosen.network.accountPrefix),
      signingKey: publicKeys.signing.base64,
      encryptionKey: publicKeys.encryption.base64,
      storeUrl,
    },
    network: chosen.network,
    ...(chosen.file === undefined ? {} : { networkFile: fromFolder(folder, chosen.file) }),
    node: { url: nodeUrl, ...authority(folder, options.nodeCa) },
    keys: {
      signing: reference,
      encryption: reference,
      signingPath: paths.signing,
      encryptionPath: paths.encryption,
    },
    store: {
      ...(options.storeElsewhere ? {} : { data: `${PARTY_FOLDER}/store` }),
      ...authority(folder, options.storeCa),
    },
    ...(feeMax === undefined ? {} : { feeMax }),
    partners: [],
  };
  // As it will be read: what was said is checked before keys are written that nobody would use.
  const profile = parseProfile(profileText(draft), join(folder, PROFILE_FILE), () => chosen.network);
  const path = join(folder, keyFile);
  const { signal } = context;
  if (words !== undefined) requireNoKeyFile(path);
  // Nothing is made for somebody who has no passphrase to give.
  const passphrase =
    words === undefined || options.plain
      ? undefined
      : await context.passphrase({ purpose: "create", what: path, signal });
  await mkdir(folder, { recursive: true });
  await makePartyFolder(folder);
  if (words !== undefined) {
    const given = passphrase === undefined ? context : { ...context, passphrase: async () => passphrase };
    await writeNewKeys(given, path, words, chosen.network, { ...options, words: false });
    showWords(screen, words.words, false);
  }
  const located = await createProfile(folder, profile);
  screen.say(`${screen.style("green", "✔")} ${located.file} is the profile of ${title}`);
  screen.facts([
    ["account", profile.party.address],
    ["network", `${profile.network.name}, chain ${profile.network.chainId}`],
    ["node", profile.node.url],
    ["own store", `${storeUrl}${options.storeElsewhere ? "" : ", run it with p8e store serve"}`],
  ]);
  const unchecked = await look(located, signal);
  for (const text of unchecked) screen.warn(text);
  screen.result({ ...profileView(located), unchecked });
}

function derived(words: KeyMaterial, paths: Readonly<Record<KeyUse, string>>): PublicKeys {
  const keys = keysOf(words, paths);
  using signing = keys.signing;
  using encryption = keys.encryption;
  return { signing: signing.publicKey(), encryption: encryption.publicKey() };
}

async function opened(
  { passphrase, variables, signal }: CommandContext,
  folder: string,
  reference: string,
  paths: Readonly<Record<KeyUse, string>>,
): Promise<PublicKeys> {
  const context = { folder, variables, passphrase, paths, signal };
  await using keys = await openPartyKeys({ signing: reference, encryption: reference }, context);
  return { signing: keys.signing.publicKey, encryption: keys.encryption.publicKey };
}

interface PublicKeys {
  readonly signing: PublicKey;
  readonly encryption: PublicKey;
}

/** What an option says, else what a person answers; without a person the usual value, where there is one. */
async function answered(
  { signal }: CommandContext,
  given: string | undefined,
  option: string,
  question: string,
  usual: string | undefined,
): Promise<string> {
  if (given !== undefined) return given;
  const terminal = processTerminal();
  const typed = terminal === undefined ? "" : await askLine(terminal, question, usual, signal);
  if (typed !== "") return typed;
  if (usual !== undefined) return usual;
  throw new P8eError("input.invalid", `${option} is missing`, { hint: "p8e init --help tells what can be said." });
}

/** Beside the profile wherever it is moved to: a relative path, as a network's file has it. */
function authority(folder: string, file: string | undefined): ProfileTls {
  return file === undefined ? {} : { certificateAuthorityFile: fromFolder(folder, resolve(file)) };
}

function titleOf(name: string): string {
  return name.charAt(0).toUpperCase() + name.slice(1).replaceAll("-", " ");
}

function nodeOf({ network }: ChosenNetwork): string | undefined {
  return network.endpoint?.url ?? (network.name === networks.local.name ? LOCAL_NODE_URL : undefined);
}

/** Sentences on what could not be seen now, or is not as it should be; nothing of it hinders the profile. */
async function look(located: LocatedProfile, signal: AbortSignal): Promise<readonly string[]> {
  const { node, party } = located.profile;
  const limit = AbortSignal.any([signal, AbortSignal.timeout(LOOK_MS)]);
  const why = (thrown: unknown) => P8eError.from(thrown).message;
  const verdict = (error: unknown) =>
    hasCode(error, "ledger.wrong_network") || hasCode(error, "ledger.unsupported_version")
      ? "is not the one that the profile needs"
      : "could not be checked";
  const ledger = async () => {
    await using _chain = await connectNode(located, { signal: limit, timeoutMs: LOOK_MS });
  };
  const store = async () => {
    const [{ connectRpc }, health] = await Promise.all([import("@p8e/rpc"), import("@p8e/proto/health")]);
    await using client = connectRpc(await storeTarget(located));
    await client.unary(health.Health.method.check, {}, { timeoutMs: LOOK_MS, signal: limit });
  };
  const found = await Promise.all([
    ledger().catch((error: unknown) => `the node at ${node.url} ${verdict(error)}: ${why(error)}`),
    store().catch((error: unknown) => `the store at ${party.storeUrl} could not be checked: ${why(error)}`),
  ]);
  signal.throwIfAborted();
  return found.filter((each) => each !== undefined);
}
