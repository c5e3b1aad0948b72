import type { DatabaseSync } from "node:sqlite";
import { pathToFileURL } from "node:url";

const SQLITE_BUSY = 5;

/**
 * A lock on an empty file that the kernel keeps for this process: an exclusive transaction, taken by SQLite, in which
 * nothing is ever written. It is never held twice, and it is free as soon as its holder has ended, however it ended.
 * Nothing else may open the file, not even to read: on POSIX systems a process loses its lock on a file when it closes
 * any other descriptor of it, those of SQLite excepted.
 */
export class FileLock implements Disposable {
  readonly #database: DatabaseSync;
  /** A database that nobody refers to is closed when memory is collected, and the lock is gone; the timer refers to it. */
  readonly #keep: NodeJS.Timeout;

  private constructor(database: DatabaseSync) {
    this.#database = database;
    this.#keep = setInterval(() => database, 2 ** 31 - 1).unref();
  }

  /** Undefined while somebody has it. The file must exist. Throws SQLite's own errors, see {@link sqliteCode}. */
  static take(path: string): FileLock | undefined {
    const url = pathToFileURL(path);
    // Otherwise SQLite would make the file anew, should it have gone away.
    url.searchParams.set("mode", "rw");
    // Not imported: an older Node.js, which has none, would say only that, and not what this package needs.
    const sqlite = process.getBuiltinModule("node:sqlite");
    let database: DatabaseSync | undefined;
    try {
      database = new sqlite.DatabaseSync(url, { timeout: 0 });
      // Otherwise an empty journal lies beside the file while the lock is held.
      database.exec("PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE");
      return new FileLock(database);
    } catch (error) {
      database?.close();
      if (sqliteCode(error) === SQLITE_BUSY) return undefined;
      throw error;
    }
  }

  [Symbol.dispose](): void {
    clearInterval(this.#keep);
    if (this.#database.isOpen) this.#database.close();
  }
}

/** The primary result code of SQLite in an error of its own. */
export function sqliteCode(error: unknown): number | undefined {
  const code = (error as { readonly errcode?: unknown } | null)?.errcode;
  return typeof code === "number" ? code & 0xff : undefined;
}
