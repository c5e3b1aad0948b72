import { randomBytes } from "node:crypto";
import { mkdir } from "node:fs/promises";
import { join, resolve } from "node:path";
import type { ChainClient } from "@p8e/chain";
import { networks, P8eError, type RandomBytes } from "@p8e/core";
import { publicKeyFromBase64 } from "@p8e/crypto";
import { openSandbox, type Sandbox } from "@p8e/engine";
import { folderHolder } from "@p8e/machine";
import { ObjectClient } from "@p8e/object-client";
import type { Affiliate, P8eClient, StateStore } from "@p8e/sdk";
import { type EnvironmentFile, type PartyEntry, readEnvironmentFile } from "./environment-file.ts";
import { developmentKeys, type PartyKeys } from "./party-keys.ts";

/** One party's view of an environment: its keys, its store, the ledger, its contracts. */
export interface OpenParty extends AsyncDisposable {
  readonly file: EnvironmentFile;
  readonly entry: PartyEntry;
  readonly keys: PartyKeys;
  readonly store: ObjectClient;
  /** Connects when it is first asked for. */
  chain(): Promise<ChainClient>;
  sandbox(): Sandbox;
  client(): Promise<P8eClient>;
}

/** @throws `environment.not_running` when the folder holds no environment, or one that is down */
export async function requireEnvironment(dataDir: string): Promise<EnvironmentFile> {
  const folder = resolve(dataDir);
  const file = await readEnvironmentFile(folder);
  const down = (what: string) =>
    new P8eError("environment.not_running", what, {
      facts: { folder },
      hint: "Start it with npm start, or npx p8e up; --data names another folder.",
    });
  if (file === undefined) throw down(`there is no environment in ${folder}`);
  if (folderHolder(folder) === undefined) throw down(`the environment in ${folder} is not running`);
  return file;
}

const random: RandomBytes = (length) => new Uint8Array(randomBytes(length));

/** @throws as {@link requireEnvironment}; `key.unavailable` for a party that is not in the environment */
export async function openParty(
  dataDir: string,
  name: string,
  options: { readonly signal?: AbortSignal } = {},
): Promise<OpenParty> {
  const file = await requireEnvironment(dataDir);
  const entry = findParty(file, name);
  const stack = new AsyncDisposableStack();
  const keys = stack.use(developmentKeys(name, [entry.storeUrl, file.ledgerUrl]));
  const store = stack.use(new ObjectClient({ url: entry.storeUrl }));
  // What talks to the ledger is loaded when it is needed: reading and writing objects does without.
  const chain = once(async () => {
    const { connectChain } = await import("@p8e/chain");
    return stack.use(
      await connectChain({
        url: file.ledgerUrl,
        chainId: file.chainId,
        accountPrefix: file.accountPrefix,
        ...(options.signal === undefined ? {} : { signal: options.signal }),
      }),
    );
  });
  const sandbox = once(() => stack.use(openSandbox()));
  const state = once(async (): Promise<StateStore> => {
    const { openSqliteStateStore } = await import("@p8e/sdk");
    const folder = join(resolve(dataDir), "state");
    await mkdir(folder, { recursive: true, mode: 0o700 });
    return stack.use(
      openSqliteStateStore(join(folder, `${name}.sqlite`), {
        origin: { party: entry.address, network: networks.local.chainId },
        random,
        nowMs: Date.now,
      }),
    );
  });
  const client = once(async () => {
    const { affiliateDirectory, P8eClient } = await import("@p8e/sdk");
    return new P8eClient({
      party: keys,
      network: networks.local,
      store,
      chain: await chain(),
      sandbox: sandbox(),
      state: await state(),
      directory: affiliateDirectory(file.parties.map(affiliateOfEntry), file.accountPrefix),
      random,
      nowMs: Date.now,
    });
  });
  return { file, entry, keys, store, chain, sandbox, client, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

/** @throws `key.unavailable` */
export function findParty(file: EnvironmentFile, name: string): PartyEntry {
  const entry = file.parties.find((party) => party.name === name);
  if (entry === undefined) {
    throw new P8eError("key.unavailable", `there is no party "${name}" in this environment`, {
      facts: { party: name, parties: file.parties.map((party) => party.name) },
    });
  }
  return entry;
}

export function affiliateOfEntry(entry: PartyEntry): Affiliate {
  return {
    signingKey: publicKeyFromBase64(entry.signingKey),
    encryptionKey: publicKeyFromBase64(entry.encryptionKey),
  };
}

/** Makes it when it is first asked for; what failed is tried again when it is asked for again. */
function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => {
    if (made === undefined) {
      const value = make();
      made = { value };
      if (value instanceof Promise) value.catch(() => (made = undefined));
    }
    return made.value;
  };
}
