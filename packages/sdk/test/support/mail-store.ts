import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openLocalPostgres } from "@p8e/local-postgres";
import { type ObjectStoreServer, openObjectStore, parseStoreConfiguration } from "@p8e/object-store";
import { localStoreVariables, prepareLocalPostgres } from "@p8e/testkit";

/** A store that can be stopped and started again at its place, in a folder of its own. */
export interface MailStore extends AsyncDisposable {
  readonly folder: string;
  readonly url: string;
  stop(): Promise<void>;
  start(): Promise<void>;
}

export async function openMailStore(port: number): Promise<MailStore> {
  await using stack = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), "p8e-mail-"));
  stack.defer(() => rm(folder, { recursive: true, force: true }));
  const dataDir = join(folder, "postgres");
  await prepareLocalPostgres(dataDir);
  const postgres = stack.use(await openLocalPostgres({ dataDir }));
  await postgres.createDatabase("mail", "mail", "secret");
  const place = { host: postgres.host, port: postgres.port };
  const database = { ...place, name: "mail", user: "mail", password: "secret", schema: "public" };
  const open = async () =>
    openObjectStore(
      parseStoreConfiguration({
        ...localStoreVariables(database, await mkdtemp(join(folder, "objects-")), port),
        REPLICATION_ENABLED: "false",
      }),
    );
  let server: ObjectStoreServer | undefined = await open();
  const stop = async () => {
    await server?.[Symbol.asyncDispose]();
    server = undefined;
  };
  stack.defer(stop);
  const owned = stack.move();
  return {
    folder,
    url: server.url,
    stop,
    async start() {
      server ??= await open();
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}
