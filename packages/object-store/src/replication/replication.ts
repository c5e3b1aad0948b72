import type { KeyText } from "../domain/audience.ts";
import { reasonOf } from "../log.ts";
import type { KeyCache } from "../postgres/key-cache.ts";
import { repeat } from "../store-clock.ts";
import { PeerWorker, type PeerWorkerParts } from "./peer-worker.ts";
import { enqueueMissing, notePeerFailure, reapLocalKeys } from "./queue-rows.ts";

/** What replication needs of the store. */
export interface ReplicationParts extends PeerWorkerParts {
  readonly keys: KeyCache;
}

/** How often rows that the reference server wrote beside us are looked for. */
const ENQUEUE_MS = 300_000;

/**
 * Replication as a whole: a worker for every peer that some registered key lives at, and the two jobs that keep the
 * queue right: open rows without a place in it get one, rows of keys that turned out to be local are closed.
 */
export class Replication implements AsyncDisposable {
  readonly #parts: ReplicationParts;
  readonly #workers = new Map<string, PeerWorker>();
  readonly #unusable = new Set<string>();
  readonly #jobs: readonly Disposable[];
  #announcing = false;
  #announceAgain = false;
  #closed = false;
  #closing: Promise<void>[] = [];

  private constructor(parts: ReplicationParts) {
    this.#parts = parts;
    this.#jobs = [
      repeat(parts.clock, parts.configuration.reapMs, () => void this.#job("reaping", reapLocalKeys)),
      repeat(parts.clock, ENQUEUE_MS, () => void this.#job("queueing", enqueueMissing)),
    ];
  }

  static async open(parts: ReplicationParts): Promise<Replication> {
    const replication = new Replication(parts);
    parts.keys.onChange(() => replication.#followKeys());
    parts.bus.onEvent((event) => {
      if (event.kind === "replication") replication.#wakeWorkers();
      if (event.kind === "retry") for (const worker of replication.#workers.values()) worker.retryNow();
    });
    parts.bus.onOpen(() => replication.#wakeWorkers());
    await replication.#job("reaping", reapLocalKeys);
    await replication.#job("queueing", enqueueMissing);
    replication.#followKeys();
    return replication;
  }

  /** Something was committed that these readers are to get. */
  wake(readers: readonly KeyText[]): void {
    let elsewhere = false;
    for (const url of new Set(readers.map((key) => this.#parts.keys.get(key)?.url))) {
      const worker = url ? this.#workers.get(url) : undefined;
      worker?.wake();
      elsewhere ||= worker !== undefined && !worker.claimed;
    }
    if (elsewhere) void this.#announce();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    for (const job of this.#jobs) job[Symbol.dispose]();
    const workers = [...this.#workers.values()];
    this.#workers.clear();
    await Promise.all([...this.#closing, ...workers.map((worker) => worker[Symbol.asyncDispose]())]);
  }

  #wakeWorkers(): void {
    for (const worker of this.#workers.values()) worker.wake();
  }

  /** Another process may hold a peer: it is told, at most once at a time however many objects are committed. */
  async #announce(): Promise<void> {
    if (this.#announcing) {
      this.#announceAgain = true;
      return;
    }
    this.#announcing = true;
    try {
      do {
        this.#announceAgain = false;
        await this.#parts.database.query(this.#parts.bus.announcement({ kind: "replication" }));
      } while (this.#announceAgain && !this.#closed);
    } catch {
      // the other process looks by itself before long
    } finally {
      this.#announcing = false;
    }
  }

  #followKeys(): void {
    if (this.#closed) return;
    const wanted = new Map<string, KeyText[]>();
    for (const { url, key } of this.#parts.keys.all()) {
      if (url === "") continue;
      const keys = wanted.get(url);
      if (keys) keys.push(key);
      else wanted.set(url, [key]);
    }
    for (const [url, worker] of this.#workers) {
      if (wanted.has(url)) continue;
      this.#workers.delete(url);
      this.#closing.push(worker[Symbol.asyncDispose]());
    }
    for (const [url, keys] of wanted) {
      const worker = this.#workers.get(url);
      if (worker) worker.setKeys(keys);
      else this.#start(url, keys);
    }
  }

  #start(url: string, keys: readonly KeyText[]): void {
    if (this.#unusable.has(url)) return;
    try {
      this.#workers.set(url, new PeerWorker(url, keys, this.#parts));
    } catch (error) {
      this.#unusable.add(url);
      this.#parts.log("error", "a registered peer's URL cannot be used", { reason: reasonOf(error) });
      const reason = `the registered URL cannot be used: ${reasonOf(error)}`;
      void notePeerFailure(this.#parts.database, url, { reason, refusing: false, waitMs: 0 }).catch(() => {});
    }
  }

  async #job(what: string, job: (database: PeerWorkerParts["database"]) => Promise<number>): Promise<void> {
    try {
      const count = await job(this.#parts.database);
      if (count > 0) this.#parts.log("info", `replication: ${what}`, { count });
      if (count > 0) this.#wakeWorkers();
    } catch (error) {
      this.#parts.log("warn", `replication: ${what} failed`, { reason: reasonOf(error) });
    }
  }
}
