import { readdirSync } from "node:fs";
import { join } from "node:path";
import { readStoreFile } from "@p8e/party";
import { StoreDatabase } from "@p8e/testkit";

async function storeOf(data: string, party: string) {
  return (await readStoreFile(join(data, "stores", party)))!;
}

/** A party's database as its store sees it: the credentials are those of its store.json. */
export async function openTables(data: string, party: string): Promise<StoreDatabase> {
  return StoreDatabase.open((await storeOf(data, party)).database);
}

export async function storageOf(data: string, party: string): Promise<string> {
  return (await storeOf(data, party)).storagePath;
}

/** Everything a store holds: how many rows in each table that an upload writes to, and the names of its files. */
export async function holdings(data: string, party: string): Promise<Record<string, unknown>> {
  await using tables = await openTables(data, party);
  const counts: Record<string, unknown> = {};
  for (const table of ["object", "object_public_key", "object_replication", "mailbox_public_key"]) {
    counts[table] = await tables.rows(`SELECT count(*)::int AS count FROM ${table}`);
  }
  const files = readdirSync(await storageOf(data, party), { recursive: true, withFileTypes: true });
  return { ...counts, files: files.filter((file) => file.isFile()).map(({ name }) => name) };
}
