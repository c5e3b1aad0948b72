import { closeSync, openSync, readdirSync } from "node:fs";
import { basename, dirname } from "node:path";
import type { DatabaseSync } from "node:sqlite";
import {
  type AccountAddress,
  isP8eError,
  P8eError,
  parseUuid,
  type RandomBytes,
  randomUuid,
  type Uuid,
} from "@p8e/core";
import { isOwned, OwnerFile, removeOwnerFile } from "@p8e/machine";
import type { Quarantine } from "../../mailbox-loop/quarantine.ts";
import type { AgreementStore } from "../agreement-store.ts";
import {
  type Execution,
  type ExecutionState,
  executionStates,
  isFinal,
  type OutboxTransaction,
  openStates,
  requireTransition,
  type StateOrigin,
} from "../execution.ts";
import type { LeaveWatches } from "../leave-watches.ts";
import { parsePrice, priceText } from "../price.ts";
import type { SourceMaps } from "../source-maps.ts";
import type { ExecutionMove, NewExecution, StateChange, StateStore, TakenRow, TapeRow } from "../state-store.ts";
import { inTransaction, migrate, requireReadable, requireVersionUpTo, STATE_VERSION, versionOf } from "./migrate.ts";
import { SqliteAgreementStore } from "./sqlite-agreement-store.ts";
import { SqliteLeaveWatches } from "./sqlite-leave-watches.ts";
import { SqliteQuarantine } from "./sqlite-quarantine.ts";
import { SqliteRows } from "./sqlite-rows.ts";
import { SqliteSourceMaps } from "./sqlite-source-maps.ts";
import { SqliteTapeRows } from "./sqlite-tape-rows.ts";

/** What opening a state file needs to know. */
export interface SqliteStateOptions {
  /** Whose executions they are; a file that holds another's, or those of another chain, is refused. */
  readonly origin: StateOrigin;
  readonly random: RandomBytes;
  /** Milliseconds since 1970. */
  readonly nowMs: () => number;
}

/** How long one process waits for the others' writes, each of which takes milliseconds. */
const WAIT_MS = 30_000;
const BUSY_PAUSE_MS = 10;
const LIST_MAX = 1000;

/**
 * Opens (or makes) a state file: SQLite in WAL mode with full synchronisation, so what a method returned from survives a
 * crash of process or machine. Any number of processes of one machine may have it open, on a disk of that machine: neither
 * SQLite nor the locks of owners can be relied on over a network. Beside it lie SQLite's own files
 * and, for each process that works on an execution, an empty one `PATH-owner-UUID` that the kernel locks for it.
 *
 * @throws `state.newer` when a newer p8e has written it; `state.foreign` when it holds executions of another party or
 *   chain; `state.corrupt` when it is something else; `configuration.invalid` when it cannot be opened at all
 */
export function openSqliteStateStore(path: string, options: SqliteStateOptions): StateStore {
  // Not imported: an older Node.js, which has none, would say only that, and not what this package needs.
  const sqlite = process.getBuiltinModule("node:sqlite");
  let database: DatabaseSync | undefined;
  try {
    makeFile(path);
    database = new sqlite.DatabaseSync(path, { timeout: WAIT_MS });
    requireReadable(database);
    useWriteAheadLog(database);
    database.exec("PRAGMA synchronous = FULL");
    migrate(database, options.origin);
    requireOrigin(database, options.origin, path);
  } catch (cause) {
    database?.close();
    const unusable = (cause as NodeJS.ErrnoException).syscall === "open";
    throw unusable ? P8eError.from(cause, "configuration.invalid") : stateError(cause);
  }
  return new SqliteStateStore(database, path, options);
}

/**
 * SQLite gives its other files the mode of this one: they tell who dealt with whom. A file that exists is not opened
 * here: closing it again would drop the locks that SQLite has on it in this process.
 */
function makeFile(path: string): void {
  try {
    closeSync(openSync(path, "wx", 0o600));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  }
}

/**
 * SQLite does not wait by itself for this change of a new file: of several that make it at once, it tells all but one that
 * the file is busy.
 */
function useWriteAheadLog(database: DatabaseSync): void {
  const deadline = performance.now() + WAIT_MS;
  for (;;) {
    try {
      database.exec("PRAGMA journal_mode = WAL");
      return;
    } catch (error) {
      if (!isBusy(error) || performance.now() > deadline) throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, BUSY_PAUSE_MS);
    }
  }
}

function requireOrigin(database: DatabaseSync, { party, network }: StateOrigin, path: string): void {
  const other = database
    .prepare("SELECT party, network FROM origin WHERE party <> ? OR network <> ?")
    .get(party, network);
  if (other === undefined) return;
  throw new P8eError(
    "state.foreign",
    other.network === network
      ? "the state file holds sessions of another party"
      : `the state file holds sessions on the network ${other.network}, not ${network}`,
    {
      facts: { file: path, party, network, foundParty: String(other.party), foundNetwork: String(other.network) },
      hint: "Each party has a state file of its own for each network: name the right one, or move this one away.",
    },
  );
}

type Row = Record<string, unknown>;

/** Those in which only this party can go on. */
const ownStates = openStates.filter((state) => state !== "requested" && state !== "awaiting");

const SELECT = `SELECT execution.*, origin.party, origin.network,
    outbox.bytes AS transaction_bytes, outbox.timeout_height AS transaction_timeout_height, outbox.sessions
  FROM execution JOIN origin ON origin.id = execution.origin
  LEFT JOIN outbox ON outbox.hash = execution.transaction_hash`;

class SqliteStateStore implements StateStore {
  readonly origin: StateOrigin;
  readonly agreements: AgreementStore;
  readonly quarantine: Quarantine;
  readonly leaveWatches: LeaveWatches;
  readonly sourceMaps: SourceMaps;
  readonly #database: DatabaseSync;
  readonly #rows: SqliteRows;
  readonly #tapeRows: SqliteTapeRows;
  readonly #path: string;
  readonly #options: SqliteStateOptions;
  #owner: { readonly id: Uuid; readonly file: OwnerFile } | undefined;

  constructor(database: DatabaseSync, path: string, options: SqliteStateOptions) {
    this.origin = options.origin;
    this.#database = database;
    this.#rows = new SqliteRows(database);
    this.#tapeRows = new SqliteTapeRows(this.#rows);
    this.#path = path;
    this.#options = options;
    this.quarantine = new SqliteQuarantine({
      rows: this.#rows,
      transact: (kind, work) => this.#transact(kind, work),
    });
    this.leaveWatches = new SqliteLeaveWatches({
      rows: this.#rows,
      transact: (kind, work) => this.#transact(kind, work),
    });
    this.sourceMaps = new SqliteSourceMaps({
      rows: this.#rows,
      nowMs: options.nowMs,
      transact: (kind, work) => this.#transact(kind, work),
    });
    this.agreements = new SqliteAgreementStore({
      rows: this.#rows,
      origin: this.origin,
      nowMs: options.nowMs,
      transact: (kind, work) => this.#transact(kind, work),
      ownerId: () => this.#owner?.id,
    });
  }

  async create(execution: NewExecution): Promise<void> {
    await this.createAll([execution]);
  }

  async createAll(executions: readonly NewExecution[]): Promise<readonly Uuid[]> {
    return this.#transact("IMMEDIATE", (owner) => {
      this.#rows.addOrigin(this.origin);
      return executions.filter((each) => !this.#create(each, owner)).map(({ uuid }) => uuid);
    });
  }

  async get(uuid: Uuid): Promise<Execution | undefined> {
    return this.#transact("DEFERRED", () => this.#find(uuid));
  }

  async advance(uuid: Uuid, from: ExecutionState, change: StateChange): Promise<Execution> {
    requireTransition(uuid, from, change.to);
    return this.#transact("IMMEDIATE", (owner) => {
      this.#advance({ uuid, from, change }, owner());
      return this.#find(uuid)!;
    });
  }

  async advanceAll(moves: readonly ExecutionMove[]): Promise<void> {
    for (const { uuid, from, change } of moves) requireTransition(uuid, from, change.to);
    this.#transact("IMMEDIATE", (owner) => {
      for (const move of moves) this.#advance(move, owner());
    });
  }

  async takenRow(row: Omit<TapeRow, "content">): Promise<TakenRow | undefined> {
    return this.#transact("DEFERRED", () => {
      const found = this.#tapeRows.find(row);
      return found === undefined ? undefined : { content: found.content, execution: this.#find(found.execution)! };
    });
  }

  async list(states: readonly ExecutionState[], limit: number = LIST_MAX): Promise<readonly Execution[]> {
    const marks = states.map(() => "?").join(", ");
    return this.#transact("DEFERRED", () => this.#all(`state IN (${marks})`, ...states, limit));
  }

  async committedIn(session: Uuid): Promise<Execution | undefined> {
    return this.#transact("DEFERRED", () => this.#all("session_uuid = ? AND state = 'committed'", session, 1))[0];
  }

  async abandoned(limit: number = LIST_MAX): Promise<readonly Execution[]> {
    const marks = ownStates.map(() => "?").join(", ");
    return this.#transact("IMMEDIATE", () => {
      this.#forgetTheGone();
      return this.#all(`state IN (${marks}) AND owner IS NULL`, ...ownStates, limit);
    });
  }

  async claim(uuid: Uuid): Promise<Execution | undefined> {
    const marks = openStates.map(() => "?").join(", ");
    return this.#transact("IMMEDIATE", (owner) => {
      const sql = `UPDATE execution SET owner = ? WHERE uuid = ? AND owner IS NULL AND state IN (${marks})`;
      return this.#run(sql, owner(), uuid, ...openStates) === 1 ? this.#find(uuid) : undefined;
    });
  }

  async release(uuid: Uuid): Promise<void> {
    if (this.#owner === undefined) return;
    this.#transact("IMMEDIATE", (owner) => {
      this.#run("UPDATE execution SET owner = NULL WHERE uuid = ? AND owner = ?", uuid, owner());
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#database.isOpen) return;
    const owner = this.#owner;
    this.#owner = undefined;
    try {
      if (owner !== undefined) this.#transact("IMMEDIATE", () => this.#run("DELETE FROM owner WHERE id = ?", owner.id));
    } catch {
      // Whoever looks next finds the file gone, and with it the owner.
    } finally {
      owner?.file[Symbol.dispose]();
      this.#database.close();
    }
  }

  /**
   * One transaction, in the format that this version of p8e knows: a newer one may take the file over at any time.
   * @param work gets a function that gives the owner's id, and makes this store an owner when it is none yet
   */
  #transact<T>(kind: "DEFERRED" | "IMMEDIATE", work: (owner: () => string) => T): T {
    let made: { readonly id: Uuid; readonly file: OwnerFile } | undefined;
    try {
      const result = inTransaction(this.#database, kind, () => {
        requireVersionUpTo(STATE_VERSION, versionOf(this.#database));
        return work(() => {
          made ??= this.#owner ?? this.#makeOwner();
          return made.id;
        });
      });
      this.#owner = made ?? this.#owner;
      return result;
    } catch (error) {
      if (made !== undefined && made !== this.#owner) made.file[Symbol.dispose]();
      throw stateError(error);
    }
  }

  /** In a transaction that keeps all others out, so that nobody can take a file that is not locked yet for a dead one. */
  #makeOwner(): { readonly id: Uuid; readonly file: OwnerFile } {
    const id = randomUuid(this.#options.random);
    const file = new OwnerFile(this.#ownerPath(id));
    this.#run("INSERT INTO owner (id, opened_at_ms) VALUES (?, ?)", id, this.#options.nowMs());
    return { id, file };
  }

  /** With the owner goes its hold on executions, and its file; one that died while it began has left a file alone. */
  #forgetTheGone(): void {
    const known = this.#database.prepare("SELECT id FROM owner").all();
    const beginning = `${basename(this.#path)}-owner-`;
    const left = readdirSync(dirname(this.#path)).filter((name) => name.startsWith(beginning));
    const ids = new Set([...known.map(({ id }) => String(id)), ...left.map((name) => name.slice(beginning.length))]);
    if (this.#owner !== undefined) ids.delete(this.#owner.id);
    for (const id of ids) {
      const path = this.#ownerPath(id);
      if (isOwned(path)) continue;
      this.#run("DELETE FROM owner WHERE id = ?", id);
      removeOwnerFile(path);
    }
  }

  #ownerPath(id: string): string {
    return `${this.#path}-owner-${id}`;
  }

  /** False when its row is another's. */
  #create(execution: NewExecution, owner: () => string): boolean {
    const { party, network } = this.origin;
    const { uuid, row } = execution;
    const now = this.#options.nowMs();
    if (row !== undefined && this.#tapeRows.isTaken(row)) return false;
    const added = this.#run(
      `INSERT INTO execution (uuid, origin, owner, state, scope_uuid, session_uuid, contract, envelope, price,
                              fee_granter, created_at_ms, updated_at_ms)
       SELECT ?, id, ?, 'created', ?, ?, ?, ?, ?, ?, ?, ? FROM origin WHERE party = ? AND network = ?
       ON CONFLICT DO NOTHING`,
      uuid,
      owner(),
      execution.scopeUuid,
      execution.sessionUuid,
      execution.contract,
      execution.envelope,
      priceText(execution.price),
      execution.feeGranter ?? null,
      now,
      now,
      party,
      network,
    );
    if (added !== 1) {
      throw new P8eError("state.conflict", "an execution with this id exists already", {
        facts: { execution: uuid },
      });
    }
    if (row !== undefined) this.#tapeRows.take(row, uuid, this.origin);
    this.#rows.addTransition(uuid, {
      ...{ side: "invoker", from: undefined, to: "created", atMs: now, actor: party, cause: "prepared" },
    });
    return true;
  }

  #advance({ uuid, from, change }: ExecutionMove, owner: string): void {
    const { envelope, reason, transaction } = change;
    const now = this.#options.nowMs();
    if (transaction !== undefined) {
      const { hash, bytes, timeoutHeight, sessions } = transaction;
      this.#run(
        "INSERT INTO outbox (hash, bytes, timeout_height, sessions) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
        ...[hash, bytes, String(timeoutHeight), sessions],
      );
    }
    const before = transaction === undefined ? undefined : this.#find(uuid)?.transaction?.hash;
    const changed = this.#run(
      `UPDATE execution SET state = ?, updated_at_ms = ?, envelope = coalesce(?, envelope), reason = coalesce(?, reason),
         transaction_hash = coalesce(?, transaction_hash), owner = iif(?, NULL, owner)
       WHERE uuid = ? AND state = ? AND owner = ?`,
      change.to,
      now,
      envelope ?? null,
      reason ?? null,
      transaction?.hash ?? null,
      isFinal(change.to) ? 1 : 0,
      uuid,
      from,
      owner,
    );
    if (changed !== 1) {
      const found = this.#find(uuid);
      throw new P8eError("state.conflict", `the execution is not ${from} any more, or another process works on it`, {
        facts: { execution: uuid, expected: from, found: found?.state ?? "unknown" },
      });
    }
    if (before !== undefined && before !== transaction?.hash) {
      // Bytes that no execution sends any more.
      const unused = "hash = ? AND NOT EXISTS (SELECT 1 FROM execution WHERE transaction_hash = outbox.hash)";
      this.#run(`DELETE FROM outbox WHERE ${unused}`, before);
    }
    const cause = reason ?? transaction?.hash ?? change.to;
    const actor = this.origin.party;
    this.#rows.addTransition(uuid, { side: "invoker", from, to: change.to, atMs: now, actor, cause });
    this.#rows.run("UPDATE agreement SET revision = revision + 1 WHERE execution = ?", uuid);
  }

  #find(uuid: Uuid): Execution | undefined {
    const row = this.#database.prepare(`${SELECT} WHERE uuid = ?`).get(uuid);
    return row === undefined ? undefined : toExecution(row);
  }

  #all(where: string, ...values: (string | number)[]): readonly Execution[] {
    const sql = `${SELECT} WHERE ${where} ORDER BY created_at_ms, uuid LIMIT ?`;
    return this.#rows.all(sql, ...values).map(toExecution);
  }

  /** @returns how many rows it changed */
  #run(sql: string, ...values: (string | number | Uint8Array | null)[]): number {
    return this.#rows.run(sql, ...values);
  }
}

const SQLITE_BUSY = 5;
const SQLITE_CORRUPT = 11;
const SQLITE_NOTADB = 26;

/** What SQLite says, as one of our codes. */
function stateError(cause: unknown): P8eError {
  if (isP8eError(cause)) return cause;
  const code = sqliteCode(cause);
  if (isBusy(cause)) {
    return new P8eError("state.conflict", "other processes have kept the state file for too long", {
      cause,
      hint: "Try again.",
    });
  }
  return P8eError.from(cause, code === SQLITE_CORRUPT || code === SQLITE_NOTADB ? "state.corrupt" : undefined);
}

function isBusy(error: unknown): boolean {
  return sqliteCode(error) === SQLITE_BUSY;
}

/** The lowest byte of SQLite's code: what is above it says more of the same. */
function sqliteCode(error: unknown): number {
  return ((error as { errcode?: number }).errcode ?? 0) % 256;
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
          sessions: Number(row.sessions),
        };
  return {
    uuid: parseUuid(String(row.uuid)),
    party: String(row.party) as AccountAddress,
    network: String(row.network),
    state,
    scopeUuid: parseUuid(String(row.scope_uuid)),
    sessionUuid: parseUuid(String(row.session_uuid)),
    contract: String(row.contract),
    envelope: row.envelope as Uint8Array,
    ...(row.price === null ? {} : { price: parsePrice(String(row.price)) }),
    ...(row.fee_granter === null ? {} : { feeGranter: String(row.fee_granter) as AccountAddress }),
    ...(row.reason === null ? {} : { reason: String(row.reason) }),
    ...(transaction === undefined ? {} : { transaction }),
    createdAtMs: Number(row.created_at_ms),
    updatedAtMs: Number(row.updated_at_ms),
  };
}
