import { randomBytes } from "node:crypto";
import { mkdir } from "node:fs/promises";
import { join, resolve } from "node:path";
import { networks, P8eError } from "@p8e/core";
import { accountAddress, publicKeyFromBase64 } from "@p8e/crypto";
import type { KeptPostgres } from "@p8e/local-postgres";
import { freePort, lockFolder, retireLeftovers, ServerProcess } from "@p8e/machine";
import { ObjectClient } from "@p8e/object-client";
import {
  type EnvironmentFile,
  type PartyEntry,
  readEnvironmentFile,
  writeEnvironmentFile,
} from "./environment-file.ts";
import { keysOf, requireDevelopmentParty } from "./party-keys.ts";
import { storeVariables } from "./store-variables.ts";

export interface EnvironmentOptions {
  /** Everything of the environment lives in this folder. */
  readonly dataDir: string;
  /** Names of development parties; each gets a store. Parties of an earlier start stay. */
  readonly parties: readonly string[];
  /** Told in words what happens, one line each. */
  readonly say?: (text: string) => void;
  readonly signal?: AbortSignal;
}

/** A running local environment: a ledger, and a store with its database for each party. */
export interface Environment extends AsyncDisposable {
  readonly dataDir: string;
  readonly file: EnvironmentFile;
  /** Of its processes that run just now. */
  pids(): EnvironmentPids;
  /** For tests of crashes: the process is killed without warning, and comes back by itself. */
  kill(process: EnvironmentProcess): void;
}

/** `bank store` is the store of the party `bank`. */
export type EnvironmentProcess = "ledger" | "database" | `${string} store`;

export type EnvironmentPids = ReadonlyMap<EnvironmentProcess, number>;

/** Whose chain the ledger of an environment is. */
const network = networks.local;

/**
 * Starts what is not there and continues what is: a folder that was used before keeps its data, its ports where they are
 * free, and its passwords. What a crash left running is taken over or replaced.
 *
 * @throws `environment.in_use`, `environment.unsupported`, `process.failed`, `key.unavailable` for an unknown party
 */
export async function startEnvironment(options: EnvironmentOptions): Promise<Environment> {
  const dataDir = resolve(options.dataDir);
  const say = options.say ?? (() => undefined);
  for (const name of options.parties) requireDevelopmentParty(name);
  await using stack = new AsyncDisposableStack();
  stack.use(
    await lockFolder(dataDir, {
      runs: "the environment",
      signal: options.signal,
      hint: "Use it as it is, stop it with Ctrl-C, or name another folder with --data.",
    }),
  );
  await mkdir(join(dataDir, "logs"), { recursive: true, mode: 0o700 });
  const before = await readEnvironmentFile(dataDir);
  const marksDir = join(dataDir, "run");
  await mkdir(marksDir, { recursive: true, mode: 0o700 });
  await retireLeftovers(marksDir, options.signal);
  const { KeptPostgres } = await import("@p8e/local-postgres");
  const postgres = stack.use(
    await KeptPostgres.open({ dataDir: join(dataDir, "postgres"), say, signal: options.signal }),
  );
  const file = await describe(dataDir, options.parties, before, postgres);
  await writeEnvironmentFile(dataDir, file);
  for (const { database } of file.parties) {
    await postgres.createDatabase(database.name, database.user, database.password);
  }
  options.signal?.throwIfAborted();

  const processes = new Map<EnvironmentProcess, ServerProcess>();
  const launch = async (name: EnvironmentProcess, entry: string, env: Record<string, string>) => {
    const fileName = name.replaceAll(/[^a-z]+/g, "-");
    const process = await ServerProcess.start({
      name,
      entry: new URL(`./processes/${entry}`, import.meta.url),
      env,
      logFile: join(dataDir, "logs", `${fileName}.log`),
      markFile: join(marksDir, `${fileName}.pid`),
      onDeath: (reason) => say(`${name} ${reason}; starting it again`),
      onRestart: () => say(`${name} is back`),
    });
    processes.set(name, stack.use(process));
  };
  const started = await Promise.allSettled([
    launch("ledger", "ledger-process.ts", {
      P8E_LEDGER_DATA: join(dataDir, "ledger"),
      P8E_LEDGER_PORT: new URL(file.ledgerUrl).port,
      P8E_LEDGER_CHAIN_ID: file.chainId,
    }),
    ...file.parties.map((party) => launch(`${party.name} store`, "store-process.ts", storeVariables(party))),
  ]);
  const failed = started.find((each) => each.status === "rejected");
  if (failed !== undefined) throw failed.reason;

  await registerKeys(file, options.signal);
  await introduceAccounts(file, say, options.signal);
  const owned = stack.move();
  const pids = () => {
    const found = new Map<EnvironmentProcess, number>([["database", postgres.pid]]);
    for (const [name, { pid }] of processes) if (pid !== undefined) found.set(name, pid);
    return found;
  };
  return {
    dataDir,
    file,
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

async function describe(
  dataDir: string,
  names: readonly string[],
  before: EnvironmentFile | undefined,
  postgres: KeptPostgres,
): Promise<EnvironmentFile> {
  const known = before?.parties.map((party) => party.name) ?? [];
  const parties: PartyEntry[] = [];
  for (const name of new Set([...known, ...names])) {
    const definition = requireDevelopmentParty(name);
    using keys = keysOf(definition);
    const old = before?.parties.find((party) => party.name === name);
    const port = await freePort(old === undefined ? 0 : Number(new URL(old.storeUrl).port));
    parties.push({
      name,
      title: definition.title,
      address: accountAddress(keys.signing.publicKey, network.accountPrefix),
      signingKey: keys.signing.publicKey.base64,
      encryptionKey: keys.encryption.publicKey.base64,
      storeUrl: `grpc://127.0.0.1:${port}`,
      storagePath: join(dataDir, "objects", name),
      database: {
        host: postgres.host,
        port: postgres.port,
        name: `p8e_${name}`,
        user: `p8e_${name}`,
        password: old?.database.password ?? randomBytes(24).toString("base64url"),
        schema: "public",
      },
    });
    await mkdir(join(dataDir, "objects", name), { recursive: true, mode: 0o700 });
  }
  const ledgerPort = await freePort(before === undefined ? 0 : Number(new URL(before.ledgerUrl).port));
  return {
    format: 1,
    chainId: network.chainId,
    accountPrefix: network.accountPrefix,
    ledgerUrl: `grpc://127.0.0.1:${ledgerPort}`,
    parties,
  };
}

/** Tells each store which keys are its own and where the others live. */
async function registerKeys(file: EnvironmentFile, signal: AbortSignal | undefined): Promise<void> {
  const call = signal === undefined ? {} : { signal };
  await Promise.all(
    file.parties.map(async (at) => {
      await using store = new ObjectClient({ url: at.storeUrl });
      for (const party of file.parties) {
        for (const key of new Set([party.signingKey, party.encryptionKey])) {
          const url = party === at ? {} : { url: party.storeUrl };
          await store.registerKey(publicKeyFromBase64(key), { ...call, ...url });
        }
      }
    }),
  );
}

/**
 * An account that holds money and never signed counts as a smart contract when it is named as a party; one transfer to
 * itself makes it an ordinary one.
 */
async function introduceAccounts(
  file: EnvironmentFile,
  say: (text: string) => void,
  signal: AbortSignal | undefined,
): Promise<void> {
  const { connectChain, isSilentAccount, ledgerSigner, NHASH, sendCoins } = await import("@p8e/chain");
  const call = signal === undefined ? {} : { signal };
  await using chain = await connectChain({
    url: file.ledgerUrl,
    chainId: file.chainId,
    accountPrefix: file.accountPrefix,
    ...call,
  });
  await Promise.all(
    file.parties.map(async (party) => {
      const account = await chain.accounts.account(party.address, call);
      if (account === undefined || !isSilentAccount(account)) return;
      using keys = keysOf(requireDevelopmentParty(party.name));
      const signer = ledgerSigner(keys.signing, file.accountPrefix);
      const { address } = signer;
      const message = sendCoins({ from: address, to: address, amounts: [{ denomination: NHASH, amount: 1n }] });
      const receipt = await chain.submit([message], { signer, ...call });
      say(
        `${party.title}: account ${address} sent 1 nhash to itself, so that it counts as a person (block ${receipt.height})`,
      );
    }),
  );
}
