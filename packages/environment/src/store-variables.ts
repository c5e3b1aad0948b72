import type { PartyEntry } from "./environment-file.ts";

/** The reference's variables: a store started by hand takes the same. */
export function storeVariables(party: PartyEntry): Record<string, string> {
  const url = new URL(party.storeUrl);
  return {
    OS_URL: url.hostname,
    OS_PORT: url.port,
    URI_HOST: `${party.name}.localhost`,
    DB_HOST: party.database.host,
    DB_PORT: String(party.database.port),
    DB_USER: party.database.user,
    DB_PASS: party.database.password,
    DB_NAME: party.database.name,
    DB_SCHEMA: party.database.schema,
    PGSSLMODE: "disable",
    STORAGE_TYPE: "file_system",
    STORAGE_BASE_PATH: party.storagePath,
    REPLICATION_ENABLED: "true",
    TRACE_HEADER: "x-trace-id",
  };
}
