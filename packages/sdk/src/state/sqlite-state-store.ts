import { closeSync, openSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { P8eError, parseUuid, type Uuid } from "@p8e/core";
import {
  type Execution,
  type ExecutionState,
  executionStates,
  type OutboxTransaction,
  requireTransition,
  type StateChange,
  type StateStore,
} from "./execution.ts";

const SCHEMA_VERSION = 1;
const SCHEMA = `
  CREATE TABLE execution (
    uuid TEXT PRIMARY KEY,
    state TEXT NOT NULL,
    scope_uuid TEXT NOT NULL,
    session_uuid TEXT NOT NULL,
    contract TEXT NOT NULL,
    envelope BLOB NOT NULL,
    reason TEXT,
    transaction_hash TEXT,
    transaction_bytes BLOB,
    transaction_timeout_height TEXT,
    created_at_ms INTEGER NOT NULL,
    updated_at_ms INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX execution_state ON execution (state, created_at_ms);
`;

/**
 * Opens (or makes) a state file: SQLite in WAL mode with full synchronisation, so what a method returned from survives a
 * crash of process or machine.
 * @throws `state.corrupt` when the file is not one, or comes from a newer version; `configuration.invalid` when it cannot
 *   be opened at all
 */
export function openSqliteStateStore(path: string, options: { readonly nowMs: () => number }): StateStore {
  let database: DatabaseSync | undefined;
  try {
    // SQLite gives its other files the mode of this one: they tell who dealt with whom.
    closeSync(openSync(path, "a", 0o600));
    database = new DatabaseSync(path, { timeout: 10_000 });
    prepare(database);
  } catch (cause) {
    database?.close();
    const unusable = (cause as NodeJS.ErrnoException).syscall === "open";
    throw P8eError.from(cause, unusable ? "configuration.invalid" : "state.corrupt");
  }
  return new SqliteStateStore(database, options.nowMs);
}

function prepare(database: DatabaseSync): void {
  database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;");
  database.exec("BEGIN IMMEDIATE");
  try {
    const version = Number(database.prepare("PRAGMA user_version").get()?.user_version);
    if (version === 0) database.exec(`${SCHEMA} PRAGMA user_version = ${SCHEMA_VERSION};`);
    else if (version !== SCHEMA_VERSION) {
      throw new P8eError("state.corrupt", "the state file was written by another version of p8e", {
        facts: { version, expected: SCHEMA_VERSION },
      });
    }
    database.exec("COMMIT");
  } catch (error) {
    database.exec("ROLLBACK");
    throw error;
  }
}

type Row = Record<string, unknown>;

class SqliteStateStore implements StateStore {
  readonly #database: DatabaseSync;
  readonly #nowMs: () => number;

  constructor(database: DatabaseSync, nowMs: () => number) {
    this.#database = database;
    this.#nowMs = nowMs;
  }

  async create(execution: Parameters<StateStore["create"]>[0]): Promise<void> {
    const now = this.#nowMs();
    const { changes } = this.#database
      .prepare(
        `INSERT INTO execution (uuid, state, scope_uuid, session_uuid, contract, envelope, created_at_ms, updated_at_ms)
         VALUES (?, 'created', ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
      )
      .run(
        execution.uuid,
        execution.scopeUuid,
        execution.sessionUuid,
        execution.contract,
        execution.envelope,
        now,
        now,
      );
    if (changes !== 1) {
      throw new P8eError("session.invalid", "an execution with this id exists already", {
        facts: { execution: execution.uuid },
      });
    }
  }

  async get(uuid: Uuid): Promise<Execution | undefined> {
    const row = this.#database.prepare("SELECT * FROM execution WHERE uuid = ?").get(uuid);
    return row === undefined ? undefined : toExecution(row);
  }

  async advance(uuid: Uuid, from: ExecutionState, change: StateChange): Promise<Execution> {
    requireTransition(uuid, from, change.to);
    const row = this.#database
      .prepare(
        `UPDATE execution SET state = ?, updated_at_ms = ?, envelope = coalesce(?, envelope), reason = coalesce(?, reason),
           transaction_hash = coalesce(?, transaction_hash), transaction_bytes = coalesce(?, transaction_bytes),
           transaction_timeout_height = coalesce(?, transaction_timeout_height)
         WHERE uuid = ? AND state = ? RETURNING *`,
      )
      .get(
        change.to,
        this.#nowMs(),
        change.envelope ?? null,
        change.reason ?? null,
        change.transaction?.hash ?? null,
        change.transaction?.bytes ?? null,
        change.transaction === undefined ? null : String(change.transaction.timeoutHeight),
        uuid,
        from,
      );
    if (row === undefined) {
      const found = await this.get(uuid);
      throw new P8eError("session.invalid", `the execution is not ${from} any more`, {
        facts: { execution: uuid, expected: from, found: found?.state ?? "unknown" },
      });
    }
    return toExecution(row);
  }

  async list(states: readonly ExecutionState[], limit = 1000): Promise<readonly Execution[]> {
    const marks = states.map(() => "?").join(", ");
    return this.#database
      .prepare(`SELECT * FROM execution WHERE state IN (${marks}) ORDER BY created_at_ms, uuid LIMIT ?`)
      .all(...states, limit)
      .map(toExecution);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#database.isOpen) this.#database.close();
  }
}

function toExecution(row: Row): Execution {
  const state = executionStates.find((name) => name === row.state);
  if (state === undefined) {
    throw new P8eError("state.corrupt", "the state file holds an execution in a state that does not exist");
  }
  const transaction: OutboxTransaction | undefined =
    row.transaction_hash === null
      ? undefined
      : {
          hash: String(row.transaction_hash),
          bytes: row.transaction_bytes as Uint8Array,
          timeoutHeight: BigInt(String(row.transaction_timeout_height)),
        };
  return {
    uuid: parseUuid(String(row.uuid)),
    state,
    scopeUuid: parseUuid(String(row.scope_uuid)),
    sessionUuid: parseUuid(String(row.session_uuid)),
    contract: String(row.contract),
    envelope: row.envelope as Uint8Array,
    ...(row.reason === null ? {} : { reason: String(row.reason) }),
    ...(transaction === undefined ? {} : { transaction }),
    createdAtMs: Number(row.created_at_ms),
    updatedAtMs: Number(row.updated_at_ms),
  };
}
