import type { DatabaseSync } from "node:sqlite";
import type { Uuid } from "@p8e/core";
import type { Transition } from "../agreement-store.ts";
import type { StateOrigin } from "../execution.ts";

/** What a statement takes for its question marks. */
export type SqliteValue = string | number | Uint8Array | null;

/** A row by the names of its columns. */
export type SqliteRow = Record<string, unknown>;

/** Statements on a state file, and the rows that several of its stores write. */
export class SqliteRows {
  readonly #database: DatabaseSync;

  constructor(database: DatabaseSync) {
    this.#database = database;
  }

  /** @returns how many rows it changed */
  run(sql: string, ...values: SqliteValue[]): number {
    return Number(this.#database.prepare(sql).run(...values).changes);
  }

  get(sql: string, ...values: SqliteValue[]): SqliteRow | undefined {
    return this.#database.prepare(sql).get(...values);
  }

  all(sql: string, ...values: SqliteValue[]): readonly SqliteRow[] {
    return this.#database.prepare(sql).all(...values);
  }

  addOrigin({ party, network }: StateOrigin): void {
    this.run("INSERT INTO origin (party, network) VALUES (?, ?) ON CONFLICT DO NOTHING", party, network);
  }

  addTransition(execution: Uuid, { side, from, to, atMs, actor, cause }: Transition): void {
    this.run(
      "INSERT INTO transition (execution, side, from_state, to_state, at_ms, actor, cause) VALUES (?, ?, ?, ?, ?, ?, ?)",
      ...[execution, side, from ?? null, to, atMs, actor, cause],
    );
  }
}
