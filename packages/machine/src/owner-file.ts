import { closeSync, existsSync, openSync, rmSync } from "node:fs";
import { FileLock } from "./file-lock.ts";

/** A file that lives as long as its maker: whoever finds it can tell whether the process that made it is still there. */
export class OwnerFile implements Disposable {
  readonly #path: string;
  readonly #lock: FileLock;

  /** @param path of a file that does not exist yet; nobody else may ask for it before this returns */
  constructor(path: string) {
    closeSync(openSync(path, "wx", 0o600));
    this.#path = path;
    try {
      const lock = FileLock.take(path);
      if (lock === undefined) throw new Error("somebody locked the file of an owner before its maker did");
      this.#lock = lock;
    } catch (error) {
      removeOwnerFile(path);
      throw error;
    }
  }

  [Symbol.dispose](): void {
    this.#lock[Symbol.dispose]();
    removeOwnerFile(this.#path);
  }
}

/** Whether the maker of the file lives. A file that is gone has no maker; one that cannot be asked may have one. */
export function isOwned(path: string): boolean {
  if (!existsSync(path)) return false;
  try {
    using free = FileLock.take(path);
    return free === undefined;
  } catch {
    return existsSync(path);
  }
}

/** After its maker is gone. */
export function removeOwnerFile(path: string): void {
  rmSync(path, { force: true });
}
