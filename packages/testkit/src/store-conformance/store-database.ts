import pg from "pg";
import type { TestParty } from "./fixtures.ts";
import type { TestDatabase } from "./store-under-test.ts";

/** The suite's view of a store's database: the tables that every store of the family has. */
export class StoreDatabase implements AsyncDisposable {
  readonly #client: pg.Client;

  private constructor(client: pg.Client) {
    this.#client = client;
  }

  static async open(database: TestDatabase): Promise<StoreDatabase> {
    const { host, port, name, user, password, schema } = database;
    const client = new pg.Client({ host, port, database: name, user, password, options: `-c search_path=${schema}` });
    // The server may be stopped under it at the end of a test.
    client.on("error", () => {});
    await client.connect();
    return new StoreDatabase(client);
  }

  async rows<Row>(text: string, values: readonly unknown[] = []): Promise<readonly Row[]> {
    return (await this.#client.query(text, [...values])).rows as Row[];
  }

  async #count(text: string, values: readonly unknown[]): Promise<number> {
    const [row] = await this.rows<{ count: string }>(`SELECT count(*)::text AS count FROM ${text}`, values);
    return Number(row?.count);
  }

  object(uuid: string) {
    return this.rows<{
      directory: string;
      name: string;
      payload: Uint8Array | null;
      properties: string | null;
      content_length: string;
      dime_length: string;
      unique_hash: string;
    }>("SELECT * FROM object WHERE uuid = $1", [uuid]).then(([row]) => row);
  }

  keyRowsOf(objectUuid: string): Promise<number> {
    return this.#count("object_public_key WHERE object_uuid = $1", [objectUuid]);
  }

  mailRowsOf(objectUuid: string): Promise<number> {
    return this.#count("mailbox_public_key WHERE object_uuid = $1", [objectUuid]);
  }

  openReplications(party: TestParty): Promise<number> {
    return this.#count("object_replication WHERE public_key = $1 AND replicated_at IS NULL", [party.text]);
  }

  replications(party: TestParty): Promise<number> {
    return this.#count("object_replication WHERE public_key = $1", [party.text]);
  }

  objects(): Promise<number> {
    return this.#count("object", []);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#client.end();
  }
}
