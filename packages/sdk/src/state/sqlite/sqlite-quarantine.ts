import { type AccountAddress, P8eError, parseUuid, type Uuid } from "@p8e/core";
import { type QuarantineReason, quarantineReasons } from "../../mailbox-loop/mail-fate.ts";
import { QUARANTINE_ROWS_MAX, type Quarantine, type QuarantinedMail } from "../../mailbox-loop/quarantine.ts";
import type { SqliteRow, SqliteRows } from "./sqlite-rows.ts";

const LIST_MAX = 100;

/** What a quarantine has of the state store that it is part of. */
export interface QuarantineParts {
  readonly rows: SqliteRows;
  readonly transact: <T>(kind: "DEFERRED" | "IMMEDIATE", work: () => T) => T;
}

/** Letters that were set aside, in a state file. */
export class SqliteQuarantine implements Quarantine {
  readonly #parts: QuarantineParts;

  constructor(parts: QuarantineParts) {
    this.#parts = parts;
  }

  async add({ uuid, atMs, reason, code, message, sender, bytes }: QuarantinedMail): Promise<void> {
    const { rows, transact } = this.#parts;
    transact("IMMEDIATE", () => {
      const added = rows.run(
        `INSERT INTO mail_quarantine (uuid, at_ms, reason, code, message, sender, bytes) VALUES (?, ?, ?, ?, ?, ?, ?)
         ON CONFLICT DO NOTHING`,
        ...[uuid, atMs, reason, code, message, sender ?? null, bytes],
      );
      if (added === 0) return;
      rows.run(
        `DELETE FROM mail_quarantine WHERE uuid IN (
           SELECT uuid FROM mail_quarantine WHERE reason = ? ORDER BY at_ms DESC, rowid DESC LIMIT -1 OFFSET ?)`,
        ...[reason, QUARANTINE_ROWS_MAX],
      );
    });
  }

  async has(uuid: Uuid): Promise<boolean> {
    const { rows, transact } = this.#parts;
    const sql = "SELECT 1 FROM mail_quarantine WHERE uuid = ?";
    return transact("DEFERRED", () => rows.get(sql, uuid) !== undefined);
  }

  async list(limit: number = LIST_MAX): Promise<readonly QuarantinedMail[]> {
    const { rows, transact } = this.#parts;
    const sql = "SELECT * FROM mail_quarantine ORDER BY at_ms DESC, rowid DESC LIMIT ?";
    return transact("DEFERRED", () => rows.all(sql, limit).map(toQuarantined));
  }
}

function toQuarantined(row: SqliteRow): QuarantinedMail {
  const reason: QuarantineReason | undefined = quarantineReasons.find((each) => each === row.reason);
  if (reason === undefined) {
    throw new P8eError("state.corrupt", "the state file holds a letter that was set aside for no known reason");
  }
  return {
    uuid: parseUuid(String(row.uuid)),
    atMs: Number(row.at_ms),
    reason,
    code: String(row.code),
    message: String(row.message),
    ...(row.sender === null ? {} : { sender: String(row.sender) as AccountAddress }),
    bytes: Number(row.bytes),
  };
}
