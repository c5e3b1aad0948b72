import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { generatePrivateKey, type KeyReference, localKey, systemRandom } from "@p8e/crypto";
import { openLocalPostgres } from "@p8e/local-postgres";
import { ObjectClient } from "@p8e/object-client";
import { type ObjectStoreServer, openObjectStore, parseStoreConfiguration } from "@p8e/object-store";
import { localStoreVariables, prepareLocalPostgres } from "@p8e/testkit";

export interface TestStore {
  readonly server: ObjectStoreServer;
  readonly client: ObjectClient;
  readonly url: string;
  readonly storagePath: string;
}

export interface TestStores extends AsyncDisposable {
  readonly folder: string;
  open(name: string): Promise<TestStore>;
}

/** Real stores on one embedded PostgreSQL in a temporary folder. */
export async function openTestStores(): Promise<TestStores> {
  await using stack = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), "p8e-stores-"));
  stack.defer(() => rm(folder, { recursive: true, force: true }));
  const dataDir = join(folder, "postgres");
  await prepareLocalPostgres(dataDir);
  const postgres = stack.use(await openLocalPostgres({ dataDir }));
  const owned = stack.move();
  return {
    folder,
    async open(name) {
      await postgres.createDatabase(name, name, "secret");
      const storagePath = await mkdtemp(join(folder, "objects-"));
      const database = {
        host: postgres.host,
        port: postgres.port,
        name,
        user: name,
        password: "secret",
        schema: "public",
      };
      const configuration = parseStoreConfiguration(localStoreVariables(database, storagePath));
      const server = owned.use(await openObjectStore(configuration));
      const url = `grpc://127.0.0.1:${server.port}`;
      const client = owned.use(new ObjectClient({ url, patienceMs: 500 }));
      return { server, client, url, storagePath };
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

export function newKey(): KeyReference {
  return localKey(generatePrivateKey(systemRandom));
}
