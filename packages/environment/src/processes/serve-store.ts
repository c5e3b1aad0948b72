import type { Served } from "@p8e/machine";
import { jsonLog } from "./json-log.ts";

/** The object store as environment variables describe it: the reference's names. */
export async function serveStore(env: Readonly<Record<string, string | undefined>>): Promise<Served> {
  const { openObjectStore, parseStoreConfiguration } = await import("@p8e/object-store");
  const log = jsonLog((line) => process.stderr.write(line), Date.now);
  return openObjectStore(parseStoreConfiguration(env), { log });
}
