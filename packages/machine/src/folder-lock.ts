import { randomInt } from "node:crypto";
import { closeSync, existsSync, openSync, statSync } from "node:fs";
import { mkdir, statfs } from "node:fs/promises";
import { join } from "node:path";
import { P8eError, pause, throwIfCancelled } from "@p8e/core";
import { FileLock, sqliteCode } from "./file-lock.ts";
import { networkFileSystem } from "./network-file-system.ts";
import { markedProcess, markProcess, unmarkProcess } from "./process-mark.ts";

/**
 * The file in a locked folder whose lock the kernel keeps. It is empty and stays for ever. Nothing but {@link lockFolder}
 * may open it, not even to read: on POSIX systems a process loses its lock on a file when it closes *any* descriptor of
 * that file. Whoever copies, counts or shows a folder's content leaves it out.
 */
export const FOLDER_LOCK_FILE = "folder.lock";

/** The file that names the holder, for messages; what it says decides nothing about who holds the lock. */
export const FOLDER_HOLDER_FILE = "folder.pid";

/** A folder that belongs to this process. Disposal gives it up; so does the end of the process, whatever it is. */
export type FolderLock = Disposable;

/** What is said of the holder, and how long is waited. */
export interface FolderLockOptions {
  /** What the holder runs in the folder, for the message of who comes second: "the ledger". */
  readonly runs: string;
  /** What to do when another process has the folder; there is a general one. */
  readonly hint?: string;
  readonly signal?: AbortSignal | undefined;
  /** What kind of file system a folder is on, as `statfs` numbers them; by default the system is asked. */
  readonly fileSystemType?: (folder: string) => Promise<number | undefined>;
}

/** How long a lock that is held by nobody who can be named is asked for again: contenders can get in each other's way. */
const WAIT_MS = 3_000;
const PAUSE_MS_MIN = 3;
const PAUSE_MS_MAX = 25;

const SQLITE_CANTOPEN = 14;
const SQLITE_NOTADB = 26;

/**
 * Takes a folder for this process, and makes it (0700) when it is absent. The lock is the kernel's ({@link FileLock}):
 * it is never held twice, and it is free as soon as its holder has ended, however it ended. It holds between the
 * processes of one machine.
 * @throws `environment.in_use` with the holder's number as `process` when it can be told
 * @throws `environment.unsupported` on a network file system (which only Linux tells), and where files cannot be locked
 * @throws `configuration.invalid` when it is no folder and cannot become one, or when the lock's file is something else
 */
export async function lockFolder(folder: string, options: FolderLockOptions): Promise<FolderLock> {
  await makeFolder(folder);
  await requireLocal(folder, options.fileSystemType ?? fileSystemTypeOf);
  const deadline = performance.now() + WAIT_MS;
  for (;;) {
    throwIfCancelled(options.signal);
    const lock = tryLock(folder);
    if (lock !== undefined) return hold(folder, lock);
    const holder = folderHolder(folder);
    if (holder !== undefined || performance.now() > deadline) throw inUse(folder, options, holder);
    // Nobody says that he has it: a holder that is just coming or going, or contenders like us.
    await pause(randomInt(PAUSE_MS_MIN, PAUSE_MS_MAX), options.signal);
  }
}

/**
 * The process that has the folder, by its own word: undefined when nobody has it, and for a moment while it is taken or
 * given up.
 */
export function folderHolder(folder: string): number | undefined {
  return markedProcess(join(folder, FOLDER_HOLDER_FILE));
}

async function makeFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
  } catch (cause) {
    throw new P8eError("configuration.invalid", "the data folder cannot be made", {
      cause,
      facts: { folder },
      hint: "Name another with --data: a folder, or a place where one can be made.",
    });
  }
}

async function requireLocal(folder: string, typeOf: (folder: string) => Promise<number | undefined>): Promise<void> {
  const type = await typeOf(folder);
  const kind = type === undefined ? undefined : networkFileSystem(type);
  if (kind === undefined) return;
  throw new P8eError("environment.unsupported", `${folder} lies on a network file system (${kind})`, {
    facts: { folder, fileSystem: kind },
    hint: "Name a folder on a disk of this machine with --data: locks that a server keeps can be lost unnoticed.",
  });
}

async function fileSystemTypeOf(folder: string): Promise<number | undefined> {
  return process.platform === "linux" ? (await statfs(folder)).type : undefined;
}

/** Undefined when the lock is not to be had just now. */
function tryLock(folder: string): FileLock | undefined {
  const path = join(folder, FOLDER_LOCK_FILE);
  try {
    createEmpty(path);
    const before = fileAt(path);
    const lock = FileLock.take(path);
    // Somebody may have removed the folder and made it anew meanwhile; then this is the lock of a file that is gone.
    if (before !== undefined && fileAt(path) === before) return lock;
    lock?.[Symbol.dispose]();
    return undefined;
  } catch (error) {
    const code = sqliteCode(error);
    if (code === SQLITE_CANTOPEN && !existsSync(path)) return undefined;
    throw cannotLock(path, error, code);
  }
}

/** Only a file that did not exist is opened and closed here: nobody can have a lock on it. */
function createEmpty(path: string): void {
  try {
    closeSync(openSync(path, "wx", 0o600));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  }
}

/** Which file a path names; number and birth, since numbers are used again. */
function fileAt(path: string): string | undefined {
  const facts = statSync(path, { bigint: true, throwIfNoEntry: false });
  return facts === undefined ? undefined : `${facts.dev} ${facts.ino} ${facts.birthtimeNs}`;
}

function hold(folder: string, lock: FileLock): FolderLock {
  const mark = join(folder, FOLDER_HOLDER_FILE);
  try {
    markProcess(mark, process.pid);
  } catch (cause) {
    lock[Symbol.dispose]();
    throw new P8eError("configuration.invalid", `${mark} cannot be written`, { cause, facts: { file: mark } });
  }
  let held = true;
  return {
    [Symbol.dispose]() {
      if (!held) return;
      held = false;
      // Before the lock goes: afterwards it may be the next holder's.
      unmarkProcess(mark);
      lock[Symbol.dispose]();
    },
  };
}

function inUse(folder: string, options: FolderLockOptions, holder: number | undefined): P8eError {
  const who = holder === undefined ? "another process" : `process ${holder}`;
  return new P8eError("environment.in_use", `${who} runs ${options.runs} in ${folder}`, {
    facts: { folder, ...(holder === undefined ? {} : { process: holder }) },
    hint: options.hint ?? "Stop it, or choose another folder.",
  });
}

function cannotLock(path: string, cause: unknown, code: number | undefined): P8eError {
  const facts = { file: path };
  if (code === SQLITE_NOTADB) {
    return new P8eError("configuration.invalid", `${path} is not the lock's file: that one is empty`, {
      ...{ cause, facts },
      hint: "Remove it, if nothing uses this folder.",
    });
  }
  if (code === undefined || code === SQLITE_CANTOPEN) {
    return new P8eError("configuration.invalid", `${path} cannot be opened`, {
      ...{ cause, facts },
      hint: "This user must be able to write in the data folder.",
    });
  }
  return new P8eError("environment.unsupported", `${path} cannot be locked`, {
    ...{ cause, facts },
    hint: "Name a folder on another file system with --data.",
  });
}
