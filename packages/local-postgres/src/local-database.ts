import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { createOnce } from "./create-once.ts";
import { KeptPostgres, type KeptPostgresOptions } from "./kept-postgres.ts";

/** Which server, and which database in it. */
export interface LocalDatabaseOptions extends KeptPostgresOptions {
  /** Of the database and of the role that it belongs to: 1 to 63 of a-z, 0-9, _ and -. */
  readonly name: string;
}

/** One database on a server of its own. Disposal stops the server; what is stored stays. */
export interface LocalDatabase extends AsyncDisposable {
  readonly host: string;
  readonly port: number;
  readonly name: string;
  readonly user: string;
  readonly password: string;
}

/**
 * For a program that needs a single database: the server of a data folder, kept running, with the database in it. Its
 * password is made once and kept in the folder (`NAME.password`, 0600).
 * @throws as `openLocalPostgres`
 */
export async function openLocalDatabase(options: LocalDatabaseOptions): Promise<LocalDatabase> {
  const { name, dataDir } = options;
  const postgres = await KeptPostgres.open(options);
  try {
    const password = createOnce(join(dataDir, `${name}.password`), () => randomBytes(24).toString("base64url"));
    await postgres.createDatabase(name, name, password);
    const { host, port } = postgres;
    return { host, port, name, user: name, password, [Symbol.asyncDispose]: () => postgres[Symbol.asyncDispose]() };
  } catch (error) {
    await postgres[Symbol.asyncDispose]();
    throw error;
  }
}
