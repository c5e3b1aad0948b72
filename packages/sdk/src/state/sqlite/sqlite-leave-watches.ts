import { type AccountAddress, parseUuid, type Uuid } from "@p8e/core";
import {
  type LeaveChange,
  type LeaveWatch,
  type LeaveWatches,
  UNAPPROVED_MAX,
  type UnapprovedSession,
  type UnapprovedUse,
} from "../leave-watches.ts";
import type { SqliteRow, SqliteRows } from "./sqlite-rows.ts";

/** What watches have of the state store that they are part of. */
export interface LeaveWatchesParts {
  readonly rows: SqliteRows;
  readonly transact: <T>(kind: "DEFERRED" | "IMMEDIATE", work: () => T) => T;
}

/** Watches and what they found in a state file. */
export class SqliteLeaveWatches implements LeaveWatches {
  readonly #parts: LeaveWatchesParts;

  constructor(parts: LeaveWatchesParts) {
    this.#parts = parts;
  }

  async begin(grantee: AccountAddress, height: bigint): Promise<number> {
    const { rows, transact } = this.#parts;
    const sql = `INSERT INTO leave_watch (grantee, height, changed_height, uses, explained, changes)
       VALUES (?, ?, ?, NULL, 0, 1)
       ON CONFLICT (grantee) DO UPDATE SET uses = NULL, explained = 0, changes = changes + 1 RETURNING changes`;
    return transact("IMMEDIATE", () => Number(rows.get(sql, grantee, Number(height), Number(height))!.changes));
  }

  async given({ grantee, height, uses, changes }: LeaveChange): Promise<void> {
    this.#run(
      `UPDATE leave_watch SET changed_height = max(changed_height, ?), uses = iif(changes = ?, ?, NULL), explained = 0,
         changes = changes + 1
       WHERE grantee = ?`,
      ...[Number(height), changes, uses, grantee],
    );
  }

  async reach(
    watch: LeaveWatch,
    found: readonly UnapprovedUse[] = [],
    executions: readonly Uuid[] = [],
  ): Promise<void> {
    const { rows, transact } = this.#parts;
    const { grantee, height, uses, explained, changes } = watch;
    transact("IMMEDIATE", () => {
      const changed = rows.run(
        `UPDATE leave_watch SET height = ?, uses = ?, explained = ?
         WHERE grantee = ? AND changes = ? AND height <= ?`,
        ...[Number(height), uses ?? null, explained, grantee, changes, Number(height)],
      );
      if (changed === 0) return;
      for (const use of found) this.#add(use);
      for (const execution of executions) {
        rows.run("INSERT INTO explained_leave (execution) VALUES (?) ON CONFLICT DO NOTHING", execution);
      }
    });
  }

  async hasExplained(execution: Uuid): Promise<boolean> {
    const { rows, transact } = this.#parts;
    const sql = "SELECT 1 FROM explained_leave WHERE execution = ?";
    return transact("DEFERRED", () => rows.get(sql, execution)) !== undefined;
  }

  async end({ grantee, changes }: LeaveWatch): Promise<void> {
    this.#run("DELETE FROM leave_watch WHERE grantee = ? AND changes = ?", grantee, changes);
  }

  async list(): Promise<readonly LeaveWatch[]> {
    const { rows, transact } = this.#parts;
    return transact("DEFERRED", () => rows.all("SELECT * FROM leave_watch ORDER BY grantee").map(toWatch));
  }

  async approvalOf({ scopeUuid, sessionUuid }: Pick<UnapprovedSession, "scopeUuid" | "sessionUuid">) {
    const { rows, transact } = this.#parts;
    const sql = `SELECT approval.execution FROM approval JOIN transition ON transition.execution = approval.execution
                 WHERE approval.scope_uuid = ? AND approval.session_uuid = ?
                   AND transition.side = 'approver' AND transition.to_state = 'approving'`;
    const row = transact("DEFERRED", () => rows.get(sql, scopeUuid, sessionUuid));
    return row === undefined ? undefined : parseUuid(String(row.execution));
  }

  async unapproved(limit = 100): Promise<readonly UnapprovedUse[]> {
    return this.#uses("SELECT * FROM unapproved_use ORDER BY at_ms DESC, height DESC LIMIT ?", limit);
  }

  async newestUnapprovedOf(writtenBy: AccountAddress): Promise<UnapprovedUse | undefined> {
    const sql = "SELECT * FROM unapproved_use WHERE written_by = ? ORDER BY at_ms DESC, height DESC LIMIT 1";
    return this.#uses(sql, writtenBy)[0];
  }

  async untold(): Promise<readonly UnapprovedUse[]> {
    return this.#uses("SELECT * FROM unapproved_use WHERE told = 0 ORDER BY at_ms, height LIMIT 100");
  }

  async noteTold(use: UnapprovedUse): Promise<void> {
    this.#run(
      `UPDATE unapproved_use SET told = 1
       WHERE written_by = ? AND height = ? AND scope_uuid = ? AND session_uuid = ?`,
      ...keyOf(use),
    );
  }

  #add(use: UnapprovedUse): void {
    const { rows } = this.#parts;
    rows.run(
      `INSERT INTO unapproved_use (written_by, height, scope_uuid, session_uuid, on_ledger, at_ms, told)
       VALUES (?, ?, ?, ?, ?, ?, 0) ON CONFLICT DO NOTHING`,
      ...[...keyOf(use), Number(use.session?.onLedger ?? false), use.atMs],
    );
    rows.run(
      `DELETE FROM unapproved_use WHERE rowid IN (
         SELECT rowid FROM unapproved_use WHERE written_by = ? ORDER BY at_ms DESC, height DESC LIMIT -1 OFFSET ?)`,
      ...[use.writtenBy, UNAPPROVED_MAX],
    );
  }

  #uses(sql: string, ...values: (string | number)[]): readonly UnapprovedUse[] {
    const { rows, transact } = this.#parts;
    return transact("DEFERRED", () => rows.all(sql, ...values).map(toUse));
  }

  #run(sql: string, ...values: (string | number | null)[]): void {
    this.#parts.transact("IMMEDIATE", () => this.#parts.rows.run(sql, ...values));
  }
}

/** Without a session, its columns are empty. */
function keyOf({ writtenBy, height, session }: UnapprovedUse): (string | number)[] {
  return [writtenBy, Number(height), session?.scopeUuid ?? "", session?.sessionUuid ?? ""];
}

function toWatch(row: SqliteRow): LeaveWatch {
  return {
    grantee: String(row.grantee) as AccountAddress,
    height: BigInt(Number(row.height)),
    changedHeight: BigInt(Number(row.changed_height)),
    uses: row.uses === null ? undefined : Number(row.uses),
    explained: Number(row.explained),
    changes: Number(row.changes),
  };
}

function toUse(row: SqliteRow): UnapprovedUse {
  const [scopeUuid, sessionUuid] = [String(row.scope_uuid), String(row.session_uuid)];
  return {
    session:
      sessionUuid === ""
        ? undefined
        : { scopeUuid: parseUuid(scopeUuid), sessionUuid: parseUuid(sessionUuid), onLedger: row.on_ledger === 1 },
    writtenBy: String(row.written_by) as AccountAddress,
    height: BigInt(Number(row.height)),
    atMs: Number(row.at_ms),
  };
}
