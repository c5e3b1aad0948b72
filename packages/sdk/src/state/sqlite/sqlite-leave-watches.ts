import { type AccountAddress, parseUuid, type Uuid } from "@p8e/core";
import { type LeaveWatch, type LeaveWatches, UNAPPROVED_MAX, type UnapprovedSession } from "../leave-watches.ts";
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

  async begin(grantee: AccountAddress, height: bigint): Promise<void> {
    this.#run(
      `INSERT INTO leave_watch (grantee, height, uses, changes) VALUES (?, ?, NULL, 1)
       ON CONFLICT (grantee) DO UPDATE SET uses = NULL, changes = changes + 1`,
      ...[grantee, Number(height)],
    );
  }

  async reach({ grantee, height, uses, changes }: LeaveWatch): Promise<void> {
    this.#run(
      "UPDATE leave_watch SET height = ?, uses = ? WHERE grantee = ? AND changes = ? AND height <= ?",
      ...[Number(height), uses ?? null, grantee, changes, Number(height)],
    );
  }

  async end({ grantee, changes }: LeaveWatch): Promise<void> {
    this.#run("DELETE FROM leave_watch WHERE grantee = ? AND changes = ?", grantee, changes);
  }

  async list(): Promise<readonly LeaveWatch[]> {
    const { rows, transact } = this.#parts;
    return transact("DEFERRED", () => rows.all("SELECT * FROM leave_watch ORDER BY grantee").map(toWatch));
  }

  async isApproved(sessionUuid: Uuid): Promise<boolean> {
    const { rows, transact } = this.#parts;
    const sql = `SELECT 1 FROM approval JOIN transition ON transition.execution = approval.execution
                 WHERE approval.session_uuid = ? AND transition.side = 'approver' AND transition.to_state = 'approving'`;
    return transact("DEFERRED", () => rows.get(sql, sessionUuid) !== undefined);
  }

  async addUnapproved(session: UnapprovedSession): Promise<void> {
    const { rows, transact } = this.#parts;
    const { sessionUuid, scopeUuid, writtenBy, height, onLedger, atMs } = session;
    transact("IMMEDIATE", () => {
      rows.run(
        `INSERT INTO unapproved_session (session_uuid, scope_uuid, written_by, height, on_ledger, at_ms)
         VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
        ...[sessionUuid, scopeUuid, writtenBy, Number(height), Number(onLedger), atMs],
      );
      rows.run(
        `DELETE FROM unapproved_session WHERE session_uuid IN (
           SELECT session_uuid FROM unapproved_session ORDER BY at_ms DESC, rowid DESC LIMIT -1 OFFSET ?)`,
        UNAPPROVED_MAX,
      );
    });
  }

  async unapproved(limit = 100): Promise<readonly UnapprovedSession[]> {
    const { rows, transact } = this.#parts;
    const sql = "SELECT * FROM unapproved_session ORDER BY at_ms DESC, rowid DESC LIMIT ?";
    return transact("DEFERRED", () => rows.all(sql, limit).map(toUnapproved));
  }

  #run(sql: string, ...values: (string | number | null)[]): void {
    this.#parts.transact("IMMEDIATE", () => this.#parts.rows.run(sql, ...values));
  }
}

function toWatch(row: SqliteRow): LeaveWatch {
  return {
    grantee: String(row.grantee) as AccountAddress,
    height: BigInt(Number(row.height)),
    uses: row.uses === null ? undefined : Number(row.uses),
    changes: Number(row.changes),
  };
}

function toUnapproved(row: SqliteRow): UnapprovedSession {
  return {
    scopeUuid: parseUuid(String(row.scope_uuid)),
    sessionUuid: parseUuid(String(row.session_uuid)),
    writtenBy: String(row.written_by) as AccountAddress,
    height: BigInt(Number(row.height)),
    onLedger: row.on_ledger === 1,
    atMs: Number(row.at_ms),
  };
}
