import { resolve } from "node:path";
import type { LocatedProfile, StoreAccess } from "@p8e/party/profile";

/** The reference's variables for a store on a database: a store started by hand takes the same. */
export function storeVariables(
  { database, storagePath, storage }: StoreAccess,
  listen: { readonly host: string; readonly port: number },
): Record<string, string> {
  return {
    OS_URL: listen.host,
    OS_PORT: String(listen.port),
    URI_HOST: "localhost",
    ...databaseVariablesOf(database),
    STORAGE_TYPE: "file_system",
    STORAGE_BASE_PATH: storagePath,
    // Empty, too: what the profile says holds against a variable of whoever starts the store.
    P8E_STORE_STORAGE: storage ?? "",
    REPLICATION_ENABLED: "true",
    TRACE_HEADER: "x-trace-id",
  };
}

/** What a profile says of the TLS that its store serves with. */
export function tlsVariables({ profile, folder }: LocatedProfile): Record<string, string> {
  const { certificateFile, keyFile, clientAuthorityFile, partnerAuthorityFile } = profile.store.serves ?? {};
  const named = {
    P8E_STORE_TLS_CERT: certificateFile,
    P8E_STORE_TLS_KEY: keyFile,
    P8E_STORE_TLS_CLIENT_CA: clientAuthorityFile,
    P8E_STORE_TLS_PEER_CA: partnerAuthorityFile,
  };
  const files: Record<string, string> = {};
  for (const [name, file] of Object.entries(named)) if (file !== undefined) files[name] = resolve(folder, file);
  return files;
}

/** Those of the database alone. */
export function databaseVariablesOf(database: StoreAccess["database"]): Record<string, string> {
  return {
    DB_HOST: database.host,
    DB_PORT: String(database.port),
    DB_USER: database.user,
    DB_PASS: database.password,
    DB_NAME: database.name,
    DB_SCHEMA: database.schema,
    // TLS to a database on this machine is of no use; elsewhere it is taken where the server has it.
    PGSSLMODE: database.host === "127.0.0.1" ? "disable" : "prefer",
  };
}
