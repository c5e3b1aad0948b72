import { type ContentHash, parseContentHash, parseUuid, type Uuid } from "@p8e/core";
import { executionStates, isFinal, type StateOrigin } from "../execution.ts";
import type { TapeRow } from "../state-store.ts";
import type { SqliteRows } from "./sqlite-rows.ts";

/** Ends of which nothing is on the ledger, nor can get there. */
const endedUnwritten = executionStates.filter((state) => isFinal(state) && state !== "committed");

// A file has one origin.
const OF_ROW = "tape_row.specification = ? AND tape_row.contract = ? AND tape_row.row = ?";

/** Which rows of tapes have become which executions, in a state file; to be used in a transaction of it. */
export class SqliteTapeRows {
  readonly #rows: SqliteRows;

  constructor(rows: SqliteRows) {
    this.#rows = rows;
  }

  find({
    specification,
    contract,
    name,
  }: Omit<TapeRow, "content">): { readonly content: ContentHash; readonly execution: Uuid } | undefined {
    const sql = `SELECT content, execution FROM tape_row WHERE ${OF_ROW}`;
    const found = this.#rows.get(sql, specification, contract, name);
    if (found === undefined) return undefined;
    return { content: parseContentHash(String(found.content)), execution: parseUuid(String(found.execution)) };
  }

  /** Whether the execution that has the row is on the ledger or may get there. */
  isTaken({ specification, contract, name }: TapeRow): boolean {
    const marks = endedUnwritten.map(() => "?").join(", ");
    const found = this.#rows.get(
      `SELECT 1 FROM tape_row JOIN execution ON execution.uuid = tape_row.execution
       WHERE ${OF_ROW} AND execution.state NOT IN (${marks})`,
      ...[specification, contract, name, ...endedUnwritten],
    );
    return found !== undefined;
  }

  /** From now on the row is this execution's. */
  take({ specification, contract, name, content }: TapeRow, execution: Uuid, { party, network }: StateOrigin): void {
    this.#rows.run(
      `INSERT INTO tape_row (origin, specification, contract, row, content, execution)
       SELECT id, ?, ?, ?, ?, ? FROM origin WHERE party = ? AND network = ?
       ON CONFLICT DO UPDATE SET content = excluded.content, execution = excluded.execution`,
      ...[specification, contract, name, content, execution, party, network],
    );
  }
}
