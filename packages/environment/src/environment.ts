import { randomBytes } from "node:crypto";
import { mkdir } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { didYouMean, hasCode, networks, P8eError, siblingModule } from "@p8e/core";
import { accountAddress, privateKeyFromMnemonic } from "@p8e/crypto";
import { createSecretFile } from "@p8e/keys";
import type { KeptPostgres } from "@p8e/local-postgres";
import { freePort, lockFolder, retireLeftovers, ServerProcess } from "@p8e/machine";
import {
  DEVELOPMENT_ENCRYPTION_PATH,
  DEVELOPMENT_SIGNING_PATH,
  type DevelopmentParty,
  developmentParties,
  developmentParty,
  giveTestMoney,
  introduceAccount,
  type LocatedProfile,
  openParty,
  type PartyDescription,
  type PartyName,
  parsePartyName,
  readStoreFile,
  registerOwnKeys,
  registerPartner,
  type StoreAccess,
  writeStoreFile,
} from "@p8e/party";
import type { NodeProgram } from "@p8e/provenanced";
import {
  ENVIRONMENT_FORMAT,
  type EnvironmentFile,
  type LedgerKind,
  readEnvironmentFile,
  requireLedger,
  writeEnvironmentFile,
} from "./environment-file.ts";
import { keyFileOf, profilesOf, storeFolderOf } from "./environment-profiles.ts";
import { keepNodeHome, NODE_HOME } from "./node-home.ts";
import { storeVariables } from "./store-variables.ts";

/** What an environment is started with. */
export interface EnvironmentOptions {
  /** Everything of the environment lives in this folder. */
  readonly dataDir: string;
  /** Names of development parties; each gets a store. Parties of an earlier start stay. */
  readonly parties: readonly string[];
  /** Which ledger: the folder's, else the embedded one unless given. */
  readonly ledger?: LedgerKind | undefined;
  /** Where the program of a real node is looked for: `P8E_PROVENANCED`, `PATH`. This process's own unless given. */
  readonly variables?: Readonly<Record<string, string | undefined>>;
  /** Told in words what happens, one line each. */
  readonly say?: (text: string) => void;
  readonly signal?: AbortSignal;
}

/** A running local environment: a ledger, and a store with its database for each party. */
export interface Environment extends AsyncDisposable {
  readonly dataDir: string;
  readonly file: EnvironmentFile;
  /** One for each party. */
  readonly profiles: readonly LocatedProfile[];
  /** Of its processes that run just now. */
  pids(): EnvironmentPids;
  /** For tests of crashes: the process is killed without warning, and comes back by itself. */
  kill(process: EnvironmentProcess): void;
}

/** `bank store` is the store of the party `bank`. */
export type EnvironmentProcess = "ledger" | "database" | `${string} store`;

/** The number of each process that runs. */
export type EnvironmentPids = ReadonlyMap<EnvironmentProcess, number>;

const PORT_ATTEMPTS = 3;

/** Whose chain the ledger of an environment is. */
const network = networks.local;

/**
 * Starts what is not there and continues what is: a folder that was used before keeps its data, its ports where they are
 * free, and its passwords. What a crash left running is taken over or replaced.
 *
 * @throws `environment.in_use`, `environment.unsupported` (a real node is wanted and none is found, too), `process.failed`,
 *   `configuration.invalid` when the folder has another ledger, `key.unavailable` for an unknown party
 */
export async function startEnvironment(options: EnvironmentOptions): Promise<Environment> {
  const dataDir = resolve(options.dataDir);
  const say = options.say ?? (() => undefined);
  for (const name of options.parties) requireDevelopmentParty(name);
  // Looked at before anything is touched: a folder of an earlier p8e, or with another ledger, stays as it is.
  const looked = await readEnvironmentFile(dataDir);
  if (looked !== undefined) requireLedger(dataDir, looked, options.ledger);
  const isReal = (looked?.ledger ?? options.ledger) === "provenanced";
  const node = isReal ? await findNode(options) : undefined;
  await using stack = new AsyncDisposableStack();
  stack.use(
    await lockFolder(dataDir, {
      runs: "the environment",
      signal: options.signal,
      hint: "Use it as it is, stop it with npx p8e down, or name another folder with --data.",
    }),
  );
  await mkdir(join(dataDir, "logs"), { recursive: true, mode: 0o700 });
  const before = await readEnvironmentFile(dataDir);
  if (before !== undefined) requireLedger(dataDir, before, isReal ? "provenanced" : "embedded");
  const marksDir = join(dataDir, "run");
  await mkdir(marksDir, { recursive: true, mode: 0o700 });
  await retireLeftovers(marksDir, options.signal);
  const { KeptPostgres } = await import("@p8e/local-postgres");
  const postgres = stack.use(
    await KeptPostgres.open({ dataDir: join(dataDir, "postgres"), say, signal: options.signal }),
  );
  const kind = isReal ? "provenanced" : "embedded";
  let file = await describe(options.parties, before, kind);
  const stores = new Map<PartyName, StoreAccess>();
  for (const { name } of file.parties) {
    await keepWords(join(dataDir, keyFileOf(name)), requireDevelopmentParty(name).mnemonic);
    stores.set(name, await prepareStore(join(dataDir, storeFolderOf(name)), name, postgres));
  }
  const ledgerDir = join(dataDir, node === undefined ? "ledger" : NODE_HOME);
  if (node !== undefined) {
    say(`${node.program} is ${node.version}`);
    await keepNodeHome(node.program, ledgerDir, network.chainId, options.signal);
  }

  const processes = new Map<EnvironmentProcess, ServerProcess>();
  const launch = async (name: EnvironmentProcess, entry: string, env: Record<string, string>) => {
    const fileName = name.replaceAll(/[^a-z]+/g, "-");
    const process = await ServerProcess.start({
      name,
      entry: siblingModule(import.meta.url, `./processes/${entry}`),
      env,
      logFile: join(dataDir, "logs", `${fileName}.log`),
      markFile: join(marksDir, `${fileName}.pid`),
      onDeath: (reason) => say(`${name} ${reason}; starting it again`),
      onRestart: () => say(`${name} is back`),
    });
    processes.set(name, stack.use(process));
  };
  const launchAll = async () => {
    const listenOf = (url: string) => ({ host: "127.0.0.1", port: Number(new URL(url).port) });
    const launching: readonly (readonly [url: string, launched: Promise<void>])[] = [
      [
        file.ledgerUrl,
        launch("ledger", node === undefined ? "ledger-process" : "node-process", {
          ...(node === undefined ? {} : { P8E_PROVENANCED: node.program }),
          P8E_LEDGER_DATA: ledgerDir,
          P8E_LEDGER_PORT: String(listenOf(file.ledgerUrl).port),
          P8E_LEDGER_CHAIN_ID: network.chainId,
        }),
      ],
      ...file.parties.map(
        ({ name, storeUrl }) =>
          [
            storeUrl,
            launch(`${name} store`, "store-process", storeVariables(stores.get(name)!, listenOf(storeUrl))),
          ] as const,
      ),
    ];
    const ended = await Promise.allSettled(launching.map(([, launched]) => launched));
    return launching.flatMap(([url], at) => {
      const each = ended[at]!;
      return each.status === "rejected" ? [{ url, error: each.reason as unknown }] : [];
    });
  };
  for (let attempt = 1; ; attempt++) {
    await writeEnvironmentFile(dataDir, file);
    options.signal?.throwIfAborted();
    const failures = await launchAll();
    if (failures.length === 0) break;
    const [{ error }] = failures as [(typeof failures)[0]];
    if (attempt === PORT_ATTEMPTS || !failures.every((each) => lostItsPort(each.error))) throw error;
    // Between the look for a free port and the listening on it somebody else took it.
    say("a port was taken by another program meanwhile; starting again on another");
    await Promise.all([...processes.values()].map((process) => process.stop()));
    processes.clear();
    file = await describe(options.parties, file, kind, new Set(failures.map(({ url }) => url)));
  }

  const profiles = profilesOf(dataDir, file);
  await endow(profiles, say, options.signal);
  await Promise.all(profiles.map((located) => introduce(located, say, options.signal)));
  const owned = stack.move();
  const pids = () => {
    const found = new Map<EnvironmentProcess, number>([["database", postgres.pid]]);
    for (const [name, { pid }] of processes) if (pid !== undefined) found.set(name, pid);
    return found;
  };
  return {
    dataDir,
    file,
    profiles,
    pids,
    kill(name) {
      const pid = pids().get(name);
      if (pid === undefined) {
        throw new P8eError("input.invalid", `no such process runs: ${name}`, {
          facts: { processes: [...pids().keys()] },
        });
      }
      process.kill(pid, "SIGKILL");
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

/** Whether a server ended because it could not listen. */
function lostItsPort(error: unknown): boolean {
  if (!hasCode(error, "process.failed")) return false;
  return error.facts["reason"] === "rpc.unavailable" || error.facts["reason"] === "environment.in_use";
}

async function findNode({ variables = process.env, signal }: EnvironmentOptions): Promise<NodeProgram> {
  const { findNodeProgram } = await import("@p8e/provenanced");
  return findNodeProgram(variables, { signal });
}

/** Who takes part, on the ports that they had before where these are free; those of `lost` are not asked for again. */
async function describe(
  names: readonly string[],
  before: EnvironmentFile | undefined,
  ledger: LedgerKind,
  lost: ReadonlySet<string> = new Set(),
): Promise<EnvironmentFile> {
  const taken = new Set<number>();
  // A port that nobody listens on yet may well be drawn again.
  const portOf = async (url: string | undefined): Promise<number> => {
    const port = await freePort(url === undefined || lost.has(url) ? undefined : Number(new URL(url).port));
    if (taken.has(port)) return portOf(undefined);
    taken.add(port);
    return port;
  };
  const known = before?.parties.map((party) => party.name) ?? [];
  const parties: PartyDescription[] = [];
  for (const name of new Set([...known, ...names])) {
    const { title, mnemonic } = requireDevelopmentParty(name);
    const publicKey = (path: string) => {
      using key = privateKeyFromMnemonic(mnemonic, path);
      return key.publicKey();
    };
    const old = before?.parties.find((party) => party.name === name);
    const port = await portOf(old?.storeUrl);
    const signingKey = publicKey(DEVELOPMENT_SIGNING_PATH);
    parties.push({
      name: parsePartyName(name),
      title,
      address: accountAddress(signingKey, network.accountPrefix),
      signingKey: signingKey.base64,
      encryptionKey: publicKey(DEVELOPMENT_ENCRYPTION_PATH).base64,
      storeUrl: `grpc://127.0.0.1:${port}`,
    });
  }
  const ledgerPort = await portOf(before?.ledgerUrl);
  return {
    format: ENVIRONMENT_FORMAT,
    network,
    ledger,
    ledgerUrl: `grpc://127.0.0.1:${ledgerPort}`,
    parties,
  };
}

/** The words of a development party as a file like any other party's, though everybody knows them. */
async function keepWords(path: string, mnemonic: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  await createSecretFile(path, `${mnemonic}\n`).catch((error: unknown) => {
    if (!hasCode(error, "key.exists")) throw error;
  });
}

/** A database and a folder for a party's store, named in its `store.json`; the password is the one it had before. */
async function prepareStore(folder: string, name: PartyName, postgres: KeptPostgres): Promise<StoreAccess> {
  const before = await readStoreFile(folder);
  const role = `p8e_${name.replaceAll("-", "_")}`;
  const access: StoreAccess = {
    database: {
      host: postgres.host,
      port: postgres.port,
      name: role,
      user: role,
      password: before?.database.password ?? randomBytes(24).toString("base64url"),
      schema: "public",
    },
    storagePath: join(folder, "objects"),
    storage: before?.storage,
  };
  await mkdir(access.storagePath, { recursive: true, mode: 0o700 });
  await writeStoreFile(folder, access);
  await postgres.createDatabase(role, role, access.database.password);
  return access;
}

/** Development parties that the ledger's genesis does not know get test money, so that they can sign. */
async function endow(
  profiles: readonly LocatedProfile[],
  say: (text: string) => void,
  signal: AbortSignal | undefined,
): Promise<void> {
  const [first] = profiles;
  if (first === undefined) return;
  await using party = openParty(first, { variables: {}, signal });
  const everybody = profiles.map(({ profile }) => profile.party);
  const given = await giveTestMoney(party, everybody, { signal });
  if (given === undefined) return;
  const names = given.to.map(({ title }) => title).join(", ");
  say(`${names}: an account on the ledger, with test money (block ${given.receipt.height})`);
}

/** Makes a party known where it must be: its keys and its partners' at its store, its account on the ledger. */
async function introduce(
  located: LocatedProfile,
  say: (text: string) => void,
  signal: AbortSignal | undefined,
): Promise<void> {
  await using party = openParty(located, { variables: {}, signal });
  const store = await party.store();
  await registerOwnKeys(store, party.profile, { signal });
  for (const partner of party.profile.partners) await registerPartner(store, partner, { signal });
  const receipt = await introduceAccount(party, { signal });
  if (receipt === undefined) return;
  const { title, address } = party.self;
  say(`${title}: account ${address} sent 1 nhash to itself, from now on it can take part (block ${receipt.height})`);
}

/** @throws `key.unavailable` */
function requireDevelopmentParty(name: string): DevelopmentParty {
  const party = developmentParty(name);
  if (party === undefined) {
    const parties = developmentParties.map((each) => each.name);
    throw new P8eError("key.unavailable", `there is no development party "${name}"`, {
      facts: { party: name, parties },
      hint: didYouMean(name, parties),
    });
  }
  return party;
}
