import { setTimeout as delay } from "node:timers/promises";
import { type Log, reasonOf } from "../log.ts";
import type { Database, DedicatedConnection } from "./database.ts";

const PROBE_MS = 2000;

/**
 * Whether the store can serve: the database answers, and the storage can be written. Asked every two seconds on a
 * connection of its own, so that a busy pool does not look like a dead database.
 */
export class HealthMonitor implements AsyncDisposable {
  readonly #database: Database;
  readonly #probeStorage: () => Promise<boolean>;
  readonly #log: Log;
  readonly #stopped = new AbortController();
  readonly #onChange = new Set<() => void>();
  #connection: DedicatedConnection | undefined;
  #serving = false;
  #draining = false;
  #running: Promise<void> = Promise.resolve();

  private constructor(database: Database, probeStorage: () => Promise<boolean>, log: Log) {
    this.#database = database;
    this.#probeStorage = probeStorage;
    this.#log = log;
  }

  static async open(database: Database, probeStorage: () => Promise<boolean>, log: Log): Promise<HealthMonitor> {
    const monitor = new HealthMonitor(database, probeStorage, log);
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
      await delay(PROBE_MS, undefined, { signal, ref: false }).catch(() => {});
      if (!signal.aborted) this.#set(await this.#probe());
    }
  }

  async #probe(): Promise<boolean> {
    try {
      if (!this.#connection || this.#connection.lost.aborted) {
        this.#connection = await this.#database.dedicated("health");
      }
      await Promise.race([this.#connection.query({ text: "SELECT 1" }), this.#tooLate()]);
      return await this.#probeStorage();
    } catch (error) {
      this.#log("debug", "a health probe failed", { reason: reasonOf(error) });
      await this.#connection?.[Symbol.asyncDispose]();
      this.#connection = undefined;
      return false;
    }
  }

  async #tooLate(): Promise<never> {
    await delay(PROBE_MS * 2, undefined, { ref: false });
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
