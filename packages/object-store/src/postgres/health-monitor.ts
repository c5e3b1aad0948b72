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

/**
 * Whether the store can serve: the database answers, and the storage can be written. Asked every two seconds on a
 * connection of its own, so that a busy pool does not look like a dead database.
 */
export class HealthMonitor implements AsyncDisposable {
  readonly #database: Database;
  readonly #probeStorage: () => Promise<boolean>;
  readonly #clock: StoreClock;
  readonly #log: Log;
  readonly #stopped = new AbortController();
  readonly #onChange = new Set<() => void>();
  #connection: DedicatedConnection | undefined;
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

  async #probe(): Promise<boolean> {
    const asked = new AbortController();
    try {
      if (!this.#connection || this.#connection.lost.aborted) {
        this.#connection = await this.#database.dedicated("health");
      }
      await Promise.race([this.#connection.query({ text: "SELECT 1" }), this.#tooLate(asked.signal)]);
      return await this.#probeStorage();
    } catch (error) {
      this.#log("debug", "a health probe failed", { reason: reasonOf(error) });
      await this.#connection?.[Symbol.asyncDispose]();
      this.#connection = undefined;
      return false;
    } finally {
      asked.abort();
    }
  }

  async #tooLate(asked: AbortSignal): Promise<never> {
    await this.#clock.sleep(PROBE_MS * 2, asked);
    throw new Error("the database did not answer in time");
  }

  #set(serving: boolean): void {
    if (this.#serving === serving) return;
    this.#serving = serving;
    this.#log(serving ? "info" : "error", serving ? "the store can serve" : "the store cannot serve");
    this.#tell();
  }

  #tell(): void {
    for (const listener of this.#onChange) listener();
  }
}
