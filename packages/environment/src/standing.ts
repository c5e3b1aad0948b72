import { existsSync } from "node:fs";
import { join } from "node:path";
import { P8eError, pause } from "@p8e/core";
import { folderHolder, lockFolder, retireLeftovers } from "@p8e/machine";

/** A folder that a process of ours keeps while it serves from it. */
export interface ServingFolder {
  /** "the environment", "the store" or "the ledger". */
  readonly what: string;
  readonly folder: string;
  /** Of the database beside it, which outlives a killed process. */
  readonly database?: string;
  /** Where its servers say their process numbers. */
  readonly marks?: string;
}

/** What runs on a folder just now. */
export interface Standing {
  readonly what: string;
  readonly folder: string;
  /** The process that has it. */
  readonly process: number | undefined;
  /** A database that goes on though nobody has the folder. */
  readonly leftDatabase: number | undefined;
}

/** Long enough for uploads under way to end and a database to write what it holds. */
const STOP_MS = 90_000;
const LOOK_MS = 50;

/** The folders of a local environment, or of a party's own servers, that are there. */
export function servingFolders(of: { readonly environment: string } | { readonly party: string }): ServingFolder[] {
  const folders: ServingFolder[] =
    "environment" in of
      ? [
          {
            ...{ what: "the environment", folder: of.environment },
            ...{ database: join(of.environment, "postgres"), marks: join(of.environment, "run") },
          },
        ]
      : [
          { what: "the store", folder: join(of.party, "store"), database: join(of.party, "store", "postgres") },
          { what: "the ledger", folder: join(of.party, "ledger") },
        ];
  return folders.filter(({ folder }) => existsSync(folder));
}

/** Looks without touching anything. */
export async function standingOf({ what, folder, database }: ServingFolder): Promise<Standing> {
  const process = folderHolder(folder);
  if (database === undefined || process !== undefined) return { what, folder, process, leftDatabase: undefined };
  const { leftRunning } = await import("@p8e/local-postgres");
  return { what, folder, process, leftDatabase: leftRunning(database) };
}

/**
 * Asks the process that has the folder to end, waits until it has, and ends what a killed one left behind.
 * @returns what ran until now
 * @throws `environment.in_use` when it does not end within a minute and a half, or somebody starts it again meanwhile
 */
export async function stopServers(
  serving: ServingFolder,
  options: { readonly signal?: AbortSignal | undefined } = {},
): Promise<Standing> {
  const { what, folder, database, marks } = serving;
  const { signal } = options;
  const before = await standingOf(serving);
  if (before.process !== undefined) await endProcess(before.process, serving, signal);
  using _lock = await lockFolder(folder, { runs: what, signal });
  if (marks !== undefined) await retireLeftovers(marks, signal);
  if (database === undefined) return before;
  const { stopLeftRunning } = await import("@p8e/local-postgres");
  const left = await stopLeftRunning(database, { signal });
  return { ...before, leftDatabase: before.process === undefined ? left : undefined };
}

async function endProcess(
  pid: number,
  { what, folder }: ServingFolder,
  signal: AbortSignal | undefined,
): Promise<void> {
  process.kill(pid, "SIGTERM");
  const deadline = performance.now() + STOP_MS;
  while (folderHolder(folder) === pid) {
    if (performance.now() > deadline) {
      throw new P8eError("environment.in_use", `process ${pid}, which runs ${what} in ${folder}, does not end`, {
        facts: { folder, process: pid },
        hint: "Look at what it still does, or kill it: the next start takes over what it leaves.",
      });
    }
    await pause(LOOK_MS, signal);
  }
}
