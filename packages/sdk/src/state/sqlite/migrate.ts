import type { DatabaseSync } from "node:sqlite";
import { P8eError } from "@p8e/core";
import type { StateOrigin } from "../execution.ts";
import type { Migration } from "../migrations/migration.ts";
import { migrations } from "../migrations/migrations.ts";

/** The format that this version of p8e writes. */
export const STATE_VERSION: number = migrations.at(-1)!.version;

/** Which format a state file has; 0 when it is new. */
export function versionOf(database: DatabaseSync): number {
  return Number(database.prepare("PRAGMA user_version").get()?.user_version);
}

/** @throws `state.newer`; `state.corrupt` when the file is a database of something else */
export function requireReadable(database: DatabaseSync): void {
  inTransaction(database, "DEFERRED", () => {
    const version = versionOf(database);
    requireVersionUpTo(STATE_VERSION, version);
    if (version === 0 && database.prepare("SELECT 1 FROM sqlite_schema").get() !== undefined) {
      throw new P8eError("state.corrupt", "the file is a database of something else than sessions");
    }
  });
}

/**
 * Brings a state file to the newest format: all missing steps in one transaction, so that the file is in the one format
 * or in the other, whoever dies and however many open it at once.
 * @throws `state.newer`
 */
export function migrate(database: DatabaseSync, origin: StateOrigin, steps: readonly Migration[] = migrations): void {
  const newest = steps.at(-1)!.version;
  if (versionOf(database) === newest) return;
  inTransaction(database, "IMMEDIATE", () => {
    // Another opener may have been faster.
    const version = versionOf(database);
    requireVersionUpTo(newest, version);
    for (const step of steps) {
      if (step.version <= version) continue;
      step.up(
        {
          exec: (sql) => database.exec(sql),
          run: (sql, ...values) => void database.prepare(sql).run(...values),
        },
        origin,
      );
    }
    database.exec(`PRAGMA user_version = ${newest}`);
  });
}

/** @throws `state.newer` */
export function requireVersionUpTo(newest: number, version: number): void {
  if (version <= newest) return;
  throw new P8eError("state.newer", "the state of sessions was written by a newer p8e", {
    facts: { format: version, newest },
    hint: "Use that version of p8e, or a newer one.",
  });
}

/** All of it or nothing. */
export function inTransaction<T>(database: DatabaseSync, kind: "DEFERRED" | "IMMEDIATE", work: () => T): T {
  database.exec(`BEGIN ${kind}`);
  try {
    const result = work();
    database.exec("COMMIT");
    return result;
  } catch (error) {
    if (database.isTransaction) database.exec("ROLLBACK");
    throw error;
  }
}
