import { closeSync, openSync } from "node:fs";
import type { DatabaseSync } from "node:sqlite";
import { P8eError, type ScopeAddress } from "@p8e/core";
import type { StateOrigin } from "../state/execution.ts";
import { inTransaction } from "../state/sqlite/migrate.ts";
import type { IndexedField } from "./indexed-value.ts";

/** A record as an index has it. */
export interface IndexedRecord {
  readonly scope: ScopeAddress;
  readonly name: string;
  /** The class name that the ledger says. */
  readonly type: string;
  /** Of the contract that wrote it. */
  readonly contract: string;
  readonly session: string;
  /** Of its content. */
  readonly hash: string;
  /** What is indexed of it, as JSON; absent when that is nothing, or when there is a problem. */
  readonly content?: string;
  /** The code of what kept it from being indexed. */
  readonly problem?: string;
}

/** A record to be kept, with the texts that it is found by. */
export interface NewIndexedRecord extends IndexedRecord {
  readonly fields: readonly IndexedField[];
}

/** One thing that scopes must have: a text under a path of a record. */
export interface FieldCondition {
  readonly path: string;
  readonly text: string;
}

const WAIT_MS = 30_000;
const LIST_MAX = 1000;

/** Steps of the format, each once released never changed; `PRAGMA user_version` is how many a file has taken. */
const steps: readonly string[] = [
  `CREATE TABLE origin (
     id INTEGER PRIMARY KEY CHECK (id = 1),
     party TEXT NOT NULL,
     network TEXT NOT NULL,
     configuration TEXT NOT NULL,
     height TEXT NOT NULL
   ) STRICT;
   CREATE TABLE record (
     scope TEXT NOT NULL,
     name TEXT NOT NULL,
     type TEXT NOT NULL,
     contract TEXT NOT NULL,
     session TEXT NOT NULL,
     hash TEXT NOT NULL,
     content TEXT,
     problem TEXT,
     PRIMARY KEY (scope, name)
   ) STRICT;
   CREATE INDEX record_problem ON record (problem) WHERE problem IS NOT NULL;
   CREATE TABLE field (
     scope TEXT NOT NULL,
     record TEXT NOT NULL,
     path TEXT NOT NULL,
     text TEXT NOT NULL,
     FOREIGN KEY (scope, record) REFERENCES record (scope, name) ON DELETE CASCADE
   ) STRICT;
   CREATE INDEX field_text ON field (path, text, scope);
   CREATE INDEX field_record ON field (scope, record);`,
];

/**
 * An index of the records of a party's scopes, in a SQLite file of mode 0600: what is in it is in clear. It holds nothing
 * that cannot be made again from ledger and store, so it may be deleted.
 */
export class RecordIndex implements Disposable {
  readonly #database: DatabaseSync;
  readonly #configuration: string;

  private constructor(database: DatabaseSync, configuration: string) {
    this.#database = database;
    this.#configuration = configuration;
  }

  /**
   * Opens an index, or makes it. Opened with another configuration than before it forgets everything.
   * @throws `state.newer`, `state.foreign` for another party's or network's, `state.corrupt`
   */
  static open(path: string, origin: StateOrigin, configuration: string): RecordIndex {
    makeFile(path);
    return RecordIndex.#opened(path, (database) => {
      migrate(database);
      inTransaction(database, "IMMEDIATE", () => {
        const found = database.prepare("SELECT * FROM origin").get();
        requireOrigin(found, origin, path);
        if (found?.configuration === configuration) return;
        database.exec("DELETE FROM field; DELETE FROM record; DELETE FROM origin");
        database
          .prepare("INSERT INTO origin (id, party, network, configuration, height) VALUES (1, ?, ?, ?, '0')")
          .run(origin.party, origin.network, configuration);
      });
      database.exec("PRAGMA wal_checkpoint(TRUNCATE)");
      return configuration;
    });
  }

  /** Opens an index for reading, however it was made. Undefined when there is none. @throws as {@link RecordIndex.open} */
  static read(path: string, origin: StateOrigin): RecordIndex | undefined {
    try {
      closeSync(openSync(path, "r"));
    } catch {
      return undefined;
    }
    return RecordIndex.#opened(path, (database) => {
      migrate(database);
      const found = database.prepare("SELECT * FROM origin").get();
      requireOrigin(found, origin, path);
      return String(found?.configuration ?? "");
    });
  }

  static #opened(path: string, prepare: (database: DatabaseSync) => string): RecordIndex {
    // Not imported: an older Node.js, which has none, would say only that, and not what this package needs.
    const sqlite = process.getBuiltinModule("node:sqlite");
    let database: DatabaseSync | undefined;
    try {
      database = new sqlite.DatabaseSync(path, { timeout: WAIT_MS });
      // What goes is overwritten: it may be what must not be there any more.
      database.exec("PRAGMA foreign_keys = ON; PRAGMA secure_delete = ON");
      return new RecordIndex(database, prepare(database));
    } catch (cause) {
      database?.close();
      const code = (cause as { errcode?: number }).errcode;
      throw P8eError.from(cause, code === 26 || code === 11 ? "state.corrupt" : undefined);
    }
  }

  /** The block up to which it was made; 0 before it was whole for the first time. */
  get height(): bigint {
    return BigInt(String(this.#database.prepare("SELECT height FROM origin").get()?.height ?? "0"));
  }

  /** All blocks up to this one are in it; 0 says that it is not whole any more. @throws `state.conflict` when another process has begun anew with other rules */
  reach(height: bigint): void {
    this.#change(() => this.#database.prepare("UPDATE origin SET height = ?").run(String(height)));
  }

  /** The records of one scope. */
  records(scope: ScopeAddress): readonly IndexedRecord[] {
    return this.#database.prepare("SELECT * FROM record WHERE scope = ? ORDER BY name").all(scope).map(toRecord);
  }

  /** How many scopes and records it has, and of how many records nothing could be indexed. */
  count(): { readonly scopes: number; readonly records: number; readonly problems: number } {
    const sql = "SELECT count(DISTINCT scope) AS scopes, count(*) AS records, count(problem) AS problems FROM record";
    const found = this.#database.prepare(sql).get();
    return {
      scopes: Number(found?.scopes),
      records: Number(found?.records),
      problems: Number(found?.problems),
    };
  }

  /** Scopes with records that could not be indexed, by their addresses, behind one of them. At most `limit`, 1000 unless given. */
  scopesWithProblems(after: ScopeAddress | "" = "", limit: number = LIST_MAX): readonly ScopeAddress[] {
    const sql = "SELECT DISTINCT scope FROM record WHERE problem IS NOT NULL AND scope > ? ORDER BY scope LIMIT ?";
    return this.#database
      .prepare(sql)
      .all(after, limit)
      .map(({ scope }) => String(scope) as ScopeAddress);
  }

  /** Every scope that it knows. */
  *scopes(): Iterable<ScopeAddress> {
    for (const { scope } of this.#database.prepare("SELECT DISTINCT scope FROM record").all()) {
      yield String(scope) as ScopeAddress;
    }
  }

  /** Puts records of a scope in the place of those it had; records that are the same are not touched. */
  replace(scope: ScopeAddress, records: readonly NewIndexedRecord[], gone: readonly string[]): void {
    this.#change(() => {
      const remove = this.#database.prepare("DELETE FROM record WHERE scope = ? AND name = ?");
      const add = this.#database.prepare(
        "INSERT INTO record (scope, name, type, contract, session, hash, content, problem) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
      );
      const addField = this.#database.prepare("INSERT INTO field (scope, record, path, text) VALUES (?, ?, ?, ?)");
      for (const name of [...gone, ...records.map((each) => each.name)]) remove.run(scope, name);
      for (const { name, type, contract, session, hash, content, problem, fields } of records) {
        add.run(scope, name, type, contract, session, hash, content ?? null, problem ?? null);
        for (const { path, text } of fields) addField.run(scope, name, path, text);
      }
    });
  }

  /** Scopes that meet all conditions, by their addresses; all scopes when there is none. At most `limit`, 1000 unless given. */
  find(conditions: readonly FieldCondition[], limit: number = LIST_MAX): readonly ScopeAddress[] {
    const each = conditions.map(() => "scope IN (SELECT scope FROM field WHERE path = ? AND text = ?)");
    const sql = `SELECT DISTINCT scope FROM record ${each.length === 0 ? "" : `WHERE ${each.join(" AND ")}`} ORDER BY scope LIMIT ?`;
    const values = conditions.flatMap(({ path, text }) => [path, text]);
    return this.#database
      .prepare(sql)
      .all(...values, limit)
      .map(({ scope }) => String(scope) as ScopeAddress);
  }

  [Symbol.dispose](): void {
    if (this.#database.isOpen) this.#database.close();
  }

  #change(work: () => void): void {
    inTransaction(this.#database, "IMMEDIATE", () => {
      const now = this.#database.prepare("SELECT configuration FROM origin").get()?.configuration;
      if (now !== this.#configuration) {
        throw new P8eError("state.conflict", "another process has begun this index anew, with another configuration");
      }
      work();
    });
  }
}

/** Its content is in clear: nobody else may read it. */
function makeFile(path: string): void {
  try {
    closeSync(openSync(path, "wx", 0o600));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw P8eError.from(error, "configuration.invalid");
  }
}

function migrate(database: DatabaseSync): void {
  database.exec("PRAGMA journal_mode = WAL");
  inTransaction(database, "IMMEDIATE", () => {
    const version = Number(database.prepare("PRAGMA user_version").get()?.user_version);
    if (version > steps.length) {
      throw new P8eError("state.newer", "the index was written by a newer p8e", {
        facts: { format: version, newest: steps.length },
        hint: "Use that version of p8e, or delete the index and make it anew.",
      });
    }
    if (version === 0 && database.prepare("SELECT 1 FROM sqlite_schema").get() !== undefined) {
      throw new P8eError("state.corrupt", "the file is a database of something else than an index");
    }
    for (const step of steps.slice(version)) database.exec(step);
    database.exec(`PRAGMA user_version = ${steps.length}`);
  });
}

function requireOrigin(
  found: Record<string, unknown> | undefined,
  { party, network }: StateOrigin,
  file: string,
): void {
  if (found === undefined || (found.party === party && found.network === network)) return;
  throw new P8eError("state.foreign", "the index is another party's, or of another network", {
    facts: { file, party, network, foundParty: String(found.party), foundNetwork: String(found.network) },
    hint: "Move it away: it is made anew.",
  });
}

function toRecord(row: Record<string, unknown>): IndexedRecord {
  return {
    scope: String(row.scope) as ScopeAddress,
    ...{ name: String(row.name), type: String(row.type), contract: String(row.contract) },
    ...{ session: String(row.session), hash: String(row.hash) },
    ...(row.content === null ? {} : { content: String(row.content) }),
    ...(row.problem === null ? {} : { problem: String(row.problem) }),
  };
}
