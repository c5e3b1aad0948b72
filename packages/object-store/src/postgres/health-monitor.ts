import { type Log, reasonOf } from "../log.ts";
import { type StoreClock, sleepOrStop } from "../store-clock.ts";
import type { Database, DedicatedConnection } from "./database.ts";

const PROBE_MS = 2000;

/** What is asked, and how the answer is known to be late. */
export interface HealthMonitorParts {
  readonly database: Database;
  readonly probeStorage: () => Promise<boolean>;
  readonly clock: StoreClock;
  readonly log: Log;
}

/** What a store needs to serve, and whether it was found to be there. */
export interface Health {
  readonly database: boolean;
  readonly schema: boolean;
  readonly storage: boolean;
}

const NOTHING: Health = { database: false, schema: false, storage: false };

/**
 * Whether the store can serve: the database answers, its tables are there, and the storage can be written. Asked every two
 * seconds on a connection of its own, so that a busy pool does not look like a dead database.
 */
export class HealthMonitor implements AsyncDisposable {
  readonly #database: Database;
  readonly #probeStorage: () => Promise<boolean>;
  readonly #clock: StoreClock;
  readonly #log: Log;
  readonly #stopped = new AbortController();
  readonly #onChange = new Set<() => void>();
  #connection: DedicatedConnection | undefined;
  #health = NOTHING;
  #serving = false;
  #draining = false;
  #running: Promise<void> = Promise.resolve();

  private constructor({ database, probeStorage, clock, log }: HealthMonitorParts) {
    this.#database = database;
    this.#probeStorage = probeStorage;
    this.#clock = clock;
    this.#log = log;
  }

  static async open(parts: HealthMonitorParts): Promise<HealthMonitor> {
    const monitor = new HealthMonitor(parts);
    monitor.#set(await monitor.#probe());
    monitor.#running = monitor.#loop();
    return monitor;
  }

  get serving(): boolean {
    return this.#serving && !this.#draining;
  }

  /** What the last look found; `draining` when the store is on its way out. */
  get state(): Health & { readonly draining: boolean } {
    return { ...this.#health, draining: this.#draining };
  }

  /** From now on the store says that it does not serve, whatever the database says. */
  drain(): void {
    this.#draining = true;
    this.#tell();
  }

  onChange(listener: () => void): () => void {
    this.#onChange.add(listener);
    return () => this.#onChange.delete(listener);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopped.abort();
    await this.#running;
    await this.#connection?.[Symbol.asyncDispose]();
  }

  async #loop(): Promise<void> {
    const { signal } = this.#stopped;
    while (!signal.aborted) {
      await sleepOrStop(this.#clock, PROBE_MS, signal);
      if (!signal.aborted) this.#set(await this.#probe());
    }
  }

  async #probe(): Promise<Health> {
    const asked = new AbortController();
    let [database, schema] = [false, false];
    try {
      if (!this.#connection || this.#connection.lost.aborted) {
        this.#connection = await this.#database.dedicated("health");
      }
      schema = await Promise.race([hasTables(this.#connection), this.#tooLate(asked.signal)]);
      database = true;
    } catch (error) {
      this.#log("debug", "a health probe failed", { reason: reasonOf(error) });
      await this.#connection?.[Symbol.asyncDispose]();
      this.#connection = undefined;
    } finally {
      asked.abort();
    }
    return { database, schema, storage: await this.#probeStorage() };
  }

  async #tooLate(asked: AbortSignal): Promise<never> {
    await this.#clock.sleep(PROBE_MS * 2, asked);
    throw new Error("the database did not answer in time");
  }

  #set(health: Health): void {
    this.#health = health;
    const serving = health.database && health.schema && health.storage;
    if (this.#serving === serving) return;
    this.#serving = serving;
    this.#log(serving ? "info" : "error", serving ? "the store can serve" : "the store cannot serve", { ...health });
    this.#tell();
  }

  #tell(): void {
    for (const listener of this.#onChange) listener();
  }
}

async function hasTables(connection: DedicatedConnection): Promise<boolean> {
  const { rows } = await connection.query<{ found: boolean }>({
    text: "SELECT to_regclass('object') IS NOT NULL AND to_regclass('p8e_store') IS NOT NULL AS found",
  });
  return rows[0]?.found === true;
}
