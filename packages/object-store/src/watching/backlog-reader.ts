import { type Log, reasonOf } from "../log.ts";
import { damageCounts } from "../postgres/damage-rows.ts";
import type { Database } from "../postgres/database.ts";
import { replicationPeers } from "../postgres/replication-peers.ts";
import { scrubProgress } from "../postgres/scrub-rows.ts";
import { type StoreClock, sleepOrStop } from "../store-clock.ts";
import type { Backlog } from "./store-metrics.ts";

/** However often somebody asks, the database is asked this often. */
const FRESH_MS = 5000;
/** What the database said longer ago says nothing of now. */
const STALE_MS = 60_000;
/** A statement may take this long; a scrape waits less long, and gets what was read before. */
const STATEMENT_MS = 10_000;
const WAIT_MS = 2000;

/** How much waits in the database: read when somebody asks, by one statement at a time. */
export class BacklogReader {
  readonly #database: Database;
  readonly #clock: StoreClock;
  readonly #log: Log;
  #reading: Promise<void> | undefined;
  #read: { readonly backlog: Backlog; readonly at: number } | undefined;

  constructor(database: Database, clock: StoreClock, log: Log) {
    this.#database = database;
    this.#clock = clock;
    this.#log = log;
  }

  /** What was read last; undefined when that is long ago. */
  get last(): Backlog | undefined {
    return this.#read !== undefined && this.#clock.elapsed() - this.#read.at < STALE_MS
      ? this.#read.backlog
      : undefined;
  }

  /** Reads anew unless that was done just now. Never fails, and never takes long. */
  async refresh(): Promise<void> {
    if (this.#read !== undefined && this.#clock.elapsed() - this.#read.at < FRESH_MS) return;
    this.#reading ??= this.#load().finally(() => {
      this.#reading = undefined;
    });
    const late = new AbortController();
    await Promise.race([this.#reading, sleepOrStop(this.#clock, WAIT_MS, late.signal)]);
    late.abort();
  }

  async #load(): Promise<void> {
    try {
      const backlog = await this.#database.transaction(async (connection) => {
        await connection.query({ text: `SET LOCAL statement_timeout = ${STATEMENT_MS}` });
        const peers = await replicationPeers(connection);
        const { rows } = await connection.query<{ open: string }>({
          text: "SELECT count(*) AS open FROM mailbox_public_key WHERE acked_at IS NULL",
        });
        const damage = await damageCounts(connection);
        const scrub = await scrubProgress(connection);
        return { peers, openMail: Number(rows[0]?.open ?? 0), damage, scrub, readAt: this.#clock.now() };
      });
      this.#read = { backlog, at: this.#clock.elapsed() };
    } catch (error) {
      this.#log("warn", "could not read how much waits", { reason: reasonOf(error) });
    }
  }
}
