// Stores of ours, each with its own local PostgreSQL in a temporary folder, for the published client to talk to.
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { inspect } from "node:util";
import type { PublicKey } from "@p8e/crypto";
import { openLocalDatabase } from "@p8e/local-postgres";
import { ObjectClient } from "@p8e/object-client";
import { type Log, openObjectStore, parseStoreConfiguration } from "@p8e/object-store";
import * as objectStore from "@p8e/proto/object-store";
import { connectRpc } from "@p8e/rpc";
import { localStoreVariables } from "@p8e/testkit";

export interface Store extends AsyncDisposable {
  /** `grpc://127.0.0.1:PORT`, which both clients take. */
  readonly url: string;
  /** Our client of it. */
  readonly client: ObjectClient;
  /** Where blobs lie, in folders by date. */
  readonly blobFolder: string;
  setMaintenance(on: boolean): Promise<void>;
  /** PublicKey.Add with a credential, which our client does not offer. */
  register(key: PublicKey, credential: { readonly header: string; readonly value: string }): Promise<void>;
}

/** Says nothing in a run that goes well, unless P8E_TEST_LOG is set. */
const log: Log = (level, event, facts) => {
  if (process.env.P8E_TEST_LOG) process.stderr.write(`${level} ${event} ${inspect(facts)}\n`);
  else lately.push(`${level} ${event} ${inspect(facts)}`);
};
const lately: string[] = [];

/** @param settings variables of the reference server, on top of local defaults */
export async function openStore(settings: Readonly<Record<string, string>> = {}): Promise<Store> {
  await using opening = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), "p8e-interop-"));
  opening.defer(() => rm(folder, { recursive: true, force: true }));
  const storagePath = join(folder, "objects");
  await mkdir(storagePath);
  const database = opening.use(
    await openLocalDatabase({ dataDir: join(folder, "postgres"), name: "object-store", say: () => undefined }),
  );
  const configuration = parseStoreConfiguration({
    ...localStoreVariables({ ...database, schema: "public" }, storagePath),
    URI_HOST: "store.example",
    REPLICATION_ENABLED: "false",
    RUST_LOG: "warn",
    ...settings,
  });
  const server = opening.use(await openObjectStore(configuration, { log }));
  const url = `grpc://127.0.0.1:${server.port}`;
  const client = opening.use(new ObjectClient({ url, spoolFolder: folder, patienceMs: 0 }));
  const rpc = opening.use(connectRpc({ url }));
  const everything = opening.move();
  return {
    url,
    client,
    blobFolder: storagePath,
    async setMaintenance(on) {
      await rpc.unary(objectStore.AdminService.method.setConfig, { maintenanceState: on }, { timeoutMs: 10_000 });
    },
    async register(key, credential) {
      const request = {
        publicKey: { key: { case: "secp256k1" as const, value: key.uncompressed } },
        impl: { case: "headerAuth" as const, value: credential },
      };
      await rpc.unary(objectStore.PublicKeyService.method.add, request, { timeoutMs: 10_000 });
    },
    [Symbol.asyncDispose]: () => everything.disposeAsync(),
  };
}

/** Adds to a failure what the stores said lately. */
export async function withStoresWords<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (cause) {
    throw new Error(`the stores said:\n${lately.slice(-10).join("\n")}`, { cause });
  }
}
