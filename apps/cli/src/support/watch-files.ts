import { type FSWatcher, watch } from "node:fs";
import { basename, dirname } from "node:path";

/** Watches files, which may be replaced as editors do it: by their folders. */
export class FileWatch implements Disposable {
  readonly #onChange: () => void;
  readonly #folders = new Map<string, FSWatcher>();
  #names = new Map<string, ReadonlySet<string>>();

  constructor(onChange: () => void) {
    this.#onChange = onChange;
  }

  /** From now on these, and no others. A folder that cannot be watched is left out. */
  follow(files: readonly string[]): void {
    const byFolder = Map.groupBy(files, (file) => dirname(file));
    this.#names = new Map([...byFolder].map(([folder, each]) => [folder, new Set(each.map((file) => basename(file)))]));
    for (const [folder, watcher] of this.#folders) {
      if (byFolder.has(folder)) continue;
      watcher.close();
      this.#folders.delete(folder);
    }
    for (const folder of byFolder.keys()) this.#begin(folder);
  }

  [Symbol.dispose](): void {
    this.follow([]);
  }

  #begin(folder: string): void {
    if (this.#folders.has(folder)) return;
    try {
      const watcher = watch(folder, (_event, name) => {
        // Some systems do not say which file it was.
        if (name === null || this.#names.get(folder)?.has(name) === true) this.#onChange();
      });
      watcher.on("error", () => {
        watcher.close();
        this.#folders.delete(folder);
      });
      this.#folders.set(folder, watcher);
    } catch {
      // The folder is gone, or the system has no watches left; what else is watched goes on.
    }
  }
}
