import { readdirSync } from "node:fs";
import { readEnvironmentFile } from "@p8e/environment";
import { StoreDatabase } from "@p8e/testkit";

async function partyOf(data: string, party: string) {
  const file = await readEnvironmentFile(data);
  return file!.parties.find(({ name }) => name === party)!;
}

/** A party's database as its store sees it: the credentials are those of environment.json. */
export async function openTables(data: string, party: string): Promise<StoreDatabase> {
  return StoreDatabase.open((await partyOf(data, party)).database);
}

export async function storageOf(data: string, party: string): Promise<string> {
  return (await partyOf(data, party)).storagePath;
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
