import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openLocalPostgres } from "@p8e/local-postgres";
import { prepareLocalPostgres } from "@p8e/local-postgres/testing";
import { type ObjectStoreServer, openObjectStore, parseStoreConfiguration } from "@p8e/object-store";

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
  const open = async () =>
    openObjectStore(
      parseStoreConfiguration({
        ...{ OS_URL: "127.0.0.1", OS_PORT: String(port), URI_HOST: "localhost", TRACE_HEADER: "x-trace-id" },
        ...{ DB_HOST: postgres.host, DB_PORT: String(postgres.port), DB_USER: "mail", DB_PASS: "secret" },
        ...{ DB_NAME: "mail", DB_SCHEMA: "public", PGSSLMODE: "disable", REPLICATION_ENABLED: "false" },
        ...{ STORAGE_TYPE: "file_system", STORAGE_BASE_PATH: await mkdtemp(join(folder, "objects-")) },
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
