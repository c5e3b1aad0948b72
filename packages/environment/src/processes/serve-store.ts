import { mkdir } from "node:fs/promises";
import { resolve } from "node:path";
import { P8eError } from "@p8e/core";
import { jsonLog, lockFolder, readVariables, type Served, type Variables } from "@p8e/machine";
import type { Log } from "@p8e/object-store";
import { databaseVariablesOf } from "../store-variables.ts";

/** What a store's process hands to it. */
export interface StoreServing {
  /** Where its lines of JSON go: standard error unless given. */
  readonly write?: (line: string) => void;
  /** Aborting it gives up the start, also while the database is waited for. */
  readonly signal?: AbortSignal;
}

/** The port of a store that brings its own database, unless `OS_PORT` says another. */
const LOCAL_PORT = "8080";

/**
 * The object store as environment variables describe it: the reference's names. With none of the DB_ variables it brings
 * a PostgreSQL of its own under `P8E_DATA` (default `.p8e`), and whatever else the reference requires has a local default
 * on 127.0.0.1.
 * @throws `configuration.invalid` when some of the DB_ variables are set and others are not
 */
export async function serveStore(given: Variables, { write, signal }: StoreServing = {}): Promise<Served> {
  const log = jsonLog(write ?? ((line) => process.stderr.write(line)), Date.now);
  await using stack = new AsyncDisposableStack();
  const { databaseVariables, exposureOf, logAsConfigured, openObjectStore, parseStoreConfiguration, secretVariables } =
    await import("@p8e/object-store");
  const env = await readVariables({ env: given, secrets: secretVariables });
  const local = databaseVariables.every((name) => env[name] === undefined);
  // With the original's variables it stands in for the original, which asks nothing: then it only warns.
  if (local) requireProtection(exposureOf({ OS_URL: "127.0.0.1", ...env }), env);
  const variables = local ? { ...(await localVariables(env, logAsConfigured(env, log), stack)), ...env } : env;
  const store = stack.use(
    await openObjectStore(parseStoreConfiguration(variables), { log, ...(signal ? { signal } : {}) }),
  );
  const owned = stack.move();
  return { port: store.port, url: store.url, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

/** @throws `configuration.invalid` when anybody who reaches the store can do everything, and nobody has said that this is meant */
export function requireProtection(exposure: string | undefined, { P8E_STORE_INSECURE: insecure }: Variables): void {
  if (exposure === undefined || insecure === "1") return;
  throw new P8eError("configuration.invalid", exposure, {
    hint: "Give it a certificate (--tls-cert, --tls-key), or say P8E_STORE_INSECURE=1 in a network that you trust.",
  });
}

async function localVariables(env: Variables, log: Log, stack: AsyncDisposableStack): Promise<Variables> {
  const folder = resolve(env.P8E_DATA || ".p8e", "store");
  const storagePath = resolve(folder, "objects");
  // p8e status and p8e down find who serves by the folder's lock.
  stack.use(await lockFolder(folder, { runs: "the store", hint: "npx p8e down stops it." }));
  const { openLocalDatabase } = await import("@p8e/local-postgres");
  const database = stack.use(
    await openLocalDatabase({
      dataDir: resolve(folder, "postgres"),
      name: "object-store",
      say: (text) => log("warn", text),
      log,
    }),
  );
  if (env.STORAGE_BASE_PATH === undefined) await mkdir(storagePath, { recursive: true, mode: 0o700 });
  return {
    OS_URL: "127.0.0.1",
    OS_PORT: LOCAL_PORT,
    URI_HOST: "localhost",
    ...databaseVariablesOf({ ...database, schema: "public" }),
    STORAGE_TYPE: "file_system",
    STORAGE_BASE_PATH: storagePath,
    TRACE_HEADER: "x-trace-id",
  };
}
