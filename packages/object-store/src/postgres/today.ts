import type { StoreClock } from "../store-clock.ts";
import type { Queryable } from "./database.ts";

/**
 * Today's directory, YYYYMMDD in the database's time zone, as the reference's column default would give it. Asked for
 * once a day.
 */
export class Today {
  readonly #database: Queryable;
  readonly #clock: StoreClock;
  #directory = "";
  #validUntil = 0;

  constructor(database: Queryable, clock: StoreClock) {
    this.#database = database;
    this.#clock = clock;
  }

  async directory(): Promise<string> {
    if (this.#clock.elapsed() >= this.#validUntil) await this.#ask();
    return this.#directory;
  }

  async #ask(): Promise<void> {
    const { rows } = await this.#database.query<{ directory: string; left: number }>({
      text: `SELECT to_char(current_date, 'YYYYMMDD') AS directory,
                    extract(epoch FROM (current_date + 1)::timestamptz - now())::float8 AS left`,
    });
    const row = rows[0]!;
    this.#directory = row.directory;
    this.#validUntil = this.#clock.elapsed() + row.left * 1000;
  }
}
