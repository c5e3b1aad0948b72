import { randomUUID } from "node:crypto";
import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { P8eError } from "@p8e/core";
import { isRunning, processStartTime } from "./process-identity.ts";

interface Owner {
  readonly pid: number;
  readonly started: string;
  readonly token: string;
}

/**
 * One process owns a data folder at a time. The lock is a file made by `link`, which fails when it exists; it names its
 * owner by process id and start time, so that a crashed owner's lock is recognised even when its id was given to
 * another process. PostgreSQL's own guard against two servers on one folder stands behind it.
 */
export class OwnerLock implements Disposable {
  readonly #path: string;
  readonly #token: string;

  private constructor(path: string, token: string) {
    this.#path = path;
    this.#token = token;
  }

  /** @throws `environment.in_use` while a living process owns the folder */
  static acquire(folder: string): OwnerLock {
    const path = join(folder, "owner.lock");
    const token = randomUUID();
    const draft = `${path}.${token}`;
    const owner: Owner = { pid: process.pid, started: processStartTime(process.pid) ?? "", token };
    writeFileSync(draft, JSON.stringify(owner), { mode: 0o600 });
    try {
      for (;;) {
        if (tryLink(draft, path)) return new OwnerLock(path, token);
        const other = readOwner(path);
        if (other && isRunning(other.pid, other.started)) {
          throw new P8eError("environment.in_use", `another process (${other.pid}) is using this data folder`, {
            facts: { folder, pid: other.pid },
            hint: "stop it first, or choose another data folder",
          });
        }
        clearStale(path, other);
      }
    } finally {
      rmSync(draft, { force: true });
    }
  }

  [Symbol.dispose](): void {
    if (readOwner(this.#path)?.token === this.#token) rmSync(this.#path, { force: true });
  }
}

function tryLink(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}

function readOwner(path: string): Owner | undefined {
  try {
    return JSON.parse(readFileSync(path, "utf8")) as Owner;
  } catch {
    return undefined;
  }
}

/** Moves the dead owner's lock away, and puts back what was moved if it was a newer one. */
function clearStale(path: string, stale: Owner | undefined): void {
  const moved = `${path}.${randomUUID()}`;
  try {
    renameSync(path, moved);
  } catch {
    return; // somebody else cleared it
  }
  const found = readOwner(moved);
  if (found && found.token !== stale?.token) tryLink(moved, path);
  rmSync(moved, { force: true });
}
