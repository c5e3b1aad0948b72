import type { TestDatabase } from "./store-under-test.ts";

/**
 * The reference's variables for a store on this machine, replicating, on a database and a folder.
 * @param port 0: any that is free
 */
export function localStoreVariables(database: TestDatabase, storagePath: string, port = 0): Record<string, string> {
  return {
    OS_URL: "127.0.0.1",
    OS_PORT: String(port),
    URI_HOST: "localhost",
    ...databaseVariables(database),
    PGSSLMODE: "disable",
    STORAGE_TYPE: "file_system",
    STORAGE_BASE_PATH: storagePath,
    REPLICATION_ENABLED: "true",
    TRACE_HEADER: "x-trace-id",
  };
}

/** Those that say which database. */
export function databaseVariables(database: TestDatabase): Record<string, string> {
  return {
    DB_HOST: database.host,
    DB_PORT: String(database.port),
    DB_USER: database.user,
    DB_PASS: database.password,
    DB_NAME: database.name,
    DB_SCHEMA: database.schema,
  };
}
