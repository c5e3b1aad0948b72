import type { Queryable } from "./database.ts";

/**
 * Today's directory, YYYYMMDD in the database's time zone, as the reference's column default would give it. Asked for
 * once a day.
 */
export class Today {
  readonly #database: Queryable;
  #directory = "";
  #validUntil = 0;

  constructor(database: Queryable) {
    this.#database = database;
  }

  async directory(): Promise<string> {
    if (performance.now() >= this.#validUntil) await this.#ask();
    return this.#directory;
  }

  async #ask(): Promise<void> {
    const { rows } = await this.#database.query<{ directory: string; left: number }>({
      text: `SELECT to_char(current_date, 'YYYYMMDD') AS directory,
                    extract(epoch FROM (current_date + 1)::timestamptz - now())::float8 AS left`,
    });
    const row = rows[0]!;
    this.#directory = row.directory;
    this.#validUntil = performance.now() + row.left * 1000;
  }
}
