import { closeSync, existsSync, openSync, rmSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { pathToFileURL } from "node:url";

/**
 * A file that lives as long as its maker: an exclusive transaction on an empty SQLite file is a lock that the kernel
 * keeps, and drops with the process, however that ends. Nothing but this module may open it: on POSIX systems a process
 * loses its lock on a file when it closes any other descriptor of it, those of SQLite excepted.
 */
export class OwnerFile implements Disposable {
  readonly #path: string;
  readonly #database: DatabaseSync;
  /** A database that nobody refers to is closed when memory is collected, and the lock is gone. */
  readonly #keep: NodeJS.Timeout;

  /** @param path of a file that does not exist yet */
  constructor(path: string) {
    closeSync(openSync(path, "wx", 0o600));
    this.#path = path;
    this.#database = new DatabaseSync(path, { timeout: 0 });
    try {
      // Otherwise an empty journal lies beside the file.
      this.#database.exec("PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE");
    } catch (error) {
      this.#database.close();
      removeOwnerFile(path);
      throw error;
    }
    this.#keep = setInterval(() => this.#database, 2 ** 31 - 1).unref();
  }

  [Symbol.dispose](): void {
    clearInterval(this.#keep);
    if (!this.#database.isOpen) return;
    this.#database.close();
    removeOwnerFile(this.#path);
  }
}

const SQLITE_BUSY = 5;

/** Whether the maker of the file lives. A file that is gone has no maker; one that cannot be asked may have one. */
export function isOwned(path: string): boolean {
  if (!existsSync(path)) return false;
  let database: DatabaseSync | undefined;
  try {
    const url = pathToFileURL(path);
    // Without it SQLite would make the file anew, should it go away meanwhile.
    url.searchParams.set("mode", "rw");
    database = new DatabaseSync(url, { timeout: 0 });
    database.exec("PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE; ROLLBACK");
    return false;
  } catch (error) {
    if (((error as { errcode?: number }).errcode ?? 0) % 256 === SQLITE_BUSY) return true;
    return existsSync(path);
  } finally {
    database?.close();
  }
}

/** After its maker is gone. */
export function removeOwnerFile(path: string): void {
  rmSync(path, { force: true });
}
