import { join } from "node:path";
import { type LocalPostgres, openLocalPostgres } from "@p8e/local-postgres";

/** The variable that tells the process at the store's door its database, as JSON. */
export const STORE_DATABASE = "P8E_FUZZ_DATABASE";

/** Where the database of the store is; its user has its name. */
export interface StoreDatabase {
  readonly host: string;
  readonly port: number;
  readonly name: string;
  readonly password: string;
}

/** A PostgreSQL for stores that may end at any time. */
export async function openStoreDatabase(folder: string): Promise<StoreDatabase & { readonly postgres: LocalPostgres }> {
  const postgres = await openLocalPostgres({ dataDir: join(folder, "postgres") });
  const [name, password] = ["fuzz", "of no use to anybody"];
  await postgres.createDatabase(name, name, password);
  return { host: postgres.host, port: postgres.port, name, password, postgres };
}
