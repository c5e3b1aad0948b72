import type { FileSystem } from "./file-system.ts";

/**
 * Makes new names durable, once for everybody who waits: a sync that begins after a name was made covers it, so all
 * requests that arrive while one sync runs share the next.
 */
export class DirectorySync {
  readonly #fileSystem: FileSystem;
  readonly #next = new Map<string, Promise<void>>();
  readonly #running = new Map<string, Promise<void>>();

  constructor(fileSystem: FileSystem) {
    this.#fileSystem = fileSystem;
  }

  sync(directory: string): Promise<void> {
    const waiting = this.#next.get(directory);
    if (waiting) return waiting;
    const before = this.#running.get(directory);
    if (!before) return this.#start(directory);
    const next = before.then(
      () => this.#start(directory),
      () => this.#start(directory),
    );
    this.#next.set(directory, next);
    return next;
  }

  #start(directory: string): Promise<void> {
    this.#next.delete(directory);
    const run = this.#fileSystem.syncDirectory(directory);
    const tracked = run.finally(() => {
      if (this.#running.get(directory) === tracked) this.#running.delete(directory);
    });
    // Whoever waits sees the failure through the promise returned; this copy must not count as unhandled.
    tracked.catch(() => {});
    this.#running.set(directory, tracked);
    return tracked;
  }
}
