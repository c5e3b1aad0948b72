import { Socket } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { untilCancelled } from "@p8e/core";
import pg from "pg";
import type { ServerDatabase } from "../configuration.ts";
import { type Log, reasonOf, silentLog } from "../log.ts";
import { CopyIn, CopyOut } from "./copy-rows.ts";
import { databaseError, isConnectionLoss } from "./database-error.ts";
import { tlsOptions } from "./tls.ts";

/** What a parameter of a statement can be. */
export type SqlValue = string | number | bigint | boolean | Uint8Array | Date | null | readonly string[];

/** One statement; with a `name` it is prepared once per connection. */
export interface Statement {
  readonly name?: string;
  readonly text: string;
  readonly values?: readonly SqlValue[];
}

/** The rows of a statement, and how many it touched. */
export interface QueryResult<Row> {
  readonly rows: readonly Row[];
  readonly count: number;
}

/** The columns of a row in their order, as text. */
export type TextRow = readonly (string | null)[];

/** Whatever runs statements: the pool, or one connection inside a transaction. */
export interface Queryable {
  query<Row>(statement: Statement): Promise<QueryResult<Row>>;
  /** Columns as the text that PostgreSQL sends, in order: for the statements that requests wait for. */
  queryText(statement: Statement): Promise<readonly TextRow[]>;
}

/** How long connecting may take. */
const CONNECT_MS = 30_000;

/**
 * A pool of connections to one schema. Errors are `store.unavailable` (nobody knows whether the statement took effect)
 * or `store.database`.
 */
export class Database implements Queryable, AsyncDisposable {
  readonly #pool: pg.Pool;
  readonly #settings: pg.ClientConfig;

  private constructor(pool: pg.Pool, settings: pg.ClientConfig) {
    this.#pool = pool;
    this.#settings = settings;
  }

  /** Opens no connection yet. */
  static async open(configuration: ServerDatabase, log: Log = silentLog): Promise<Database> {
    const settings: pg.ClientConfig = {
      host: configuration.host,
      port: configuration.port,
      user: configuration.user,
      password: configuration.password,
      database: configuration.name,
      ssl: await tlsOptions(configuration),
      application_name: configuration.applicationName,
      options: `${configuration.options} -c search_path=${optionValue(quoteIdentifier(configuration.schema))}`.trim(),
      keepAlive: true,
      connectionTimeoutMillis: CONNECT_MS,
    };
    const pool = new pg.Pool({
      ...settings,
      max: configuration.poolSize,
      idleTimeoutMillis: 600_000,
      maxLifetimeSeconds: 1800,
    });
    pool.on("error", (error) => log("warn", "an idle database connection was lost", { reason: reasonOf(error) }));
    return new Database(pool, settings);
  }

  /** Connections of the pool, those among them without work, and the statements that wait for one. */
  get pool(): { readonly total: number; readonly idle: number; readonly waiting: number } {
    return { total: this.#pool.totalCount, idle: this.#pool.idleCount, waiting: this.#pool.waitingCount };
  }

  query<Row>(statement: Statement): Promise<QueryResult<Row>> {
    return run(this.#pool, statement);
  }

  queryText(statement: Statement): Promise<readonly TextRow[]> {
    return runText(this.#pool, statement);
  }

  /** Commits when `body` resolves, rolls back when it rejects. Holds one connection; `body` must not ask for another. */
  async transaction<T>(body: (connection: Queryable) => Promise<T>): Promise<T> {
    const client = await this.#pool.connect().catch((error: unknown) => {
      throw databaseError(error);
    });
    let broken = false;
    try {
      await client.query("BEGIN");
      const result = await body(connectionOf(client));
      await client.query("COMMIT");
      return result;
    } catch (error) {
      broken = isConnectionLoss(error);
      if (!broken) await client.query("ROLLBACK").catch(() => (broken = true));
      throw databaseError(error);
    } finally {
      client.release(broken);
    }
  }

  /**
   * A connection outside the pool, for what must hold one for long.
   * @param options how long connecting may take, if that is less than usual, and what ends it
   */
  async dedicated(
    applicationSuffix: string,
    { timeoutMs = CONNECT_MS, signal }: { timeoutMs?: number; signal?: AbortSignal | undefined } = {},
  ): Promise<DedicatedConnection> {
    const socket = new Socket();
    const client = new pg.Client({
      ...this.#settings,
      connectionTimeoutMillis: Math.min(CONNECT_MS, timeoutMs),
      stream: () => socket,
      application_name: `${this.#settings.application_name}-${applicationSuffix}`,
    });
    const connection = new DedicatedConnection(client);
    const connecting = client.connect();
    try {
      await untilCancelled(connecting, signal);
    } catch (error) {
      // A server that says nothing does not answer a goodbye either, nor does the driver then say that it has ended.
      connecting.catch(() => undefined);
      socket.destroy();
      throw databaseError(error);
    }
    return connection;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#pool.end();
  }
}

/** `lost` is aborted as soon as the connection is found to be gone. */
export class DedicatedConnection implements Queryable, AsyncDisposable {
  readonly #client: pg.Client;
  readonly #lost = new AbortController();
  #last: Promise<unknown> = Promise.resolve();

  constructor(client: pg.Client) {
    this.#client = client;
    client.on("error", () => this.#lost.abort());
    client.on("end", () => this.#lost.abort());
  }

  get lost(): AbortSignal {
    return this.#lost.signal;
  }

  onNotification(listener: (channel: string, payload: string) => void): void {
    this.#client.on("notification", ({ channel, payload }) => listener(channel, payload ?? ""));
  }

  query<Row>(statement: Statement): Promise<QueryResult<Row>> {
    return this.#inTurn(() => run(this.#client, statement));
  }

  queryText(statement: Statement): Promise<readonly TextRow[]> {
    return this.#inTurn(() => runText(this.#client, statement));
  }

  /** The rows of a `COPY … TO STDOUT`, in pieces, each taken before the next but one; their number. */
  copyOut(text: string, take: (bytes: Uint8Array) => Promise<void>): Promise<number> {
    return this.#inTurn(() => copied(this.#client, new CopyOut(text, take)));
  }

  /** Rows for a `COPY … FROM STDIN`; their number. */
  copyIn(text: string, pieces: AsyncIterable<Uint8Array>): Promise<number> {
    return this.#inTurn(() => copied(this.#client, new CopyIn(text, pieces)));
  }

  /** One connection runs one statement at a time. */
  #inTurn<T>(statement: () => Promise<T>): Promise<T> {
    const result = this.#last.then(statement);
    this.#last = result.catch(() => {});
    return result;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.lost.aborted) return;
    // A server that no longer answers must not hold up our end.
    await Promise.race([this.#client.end().catch(() => {}), delay(2000, undefined, { ref: false })]);
  }
}

/** A name as SQL takes it, whatever is in it. */
export function quoteIdentifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** In the start-up packet's options, white space separates and a backslash escapes. */
function optionValue(text: string): string {
  return text.replace(/[\s\\]/g, (character) => `\\${character}`);
}

async function copied(client: pg.Client, copy: CopyOut | CopyIn): Promise<number> {
  try {
    return await client.query(copy).done;
  } catch (error) {
    throw databaseError(error);
  }
}

interface Runner {
  query(config: pg.QueryConfig): Promise<pg.QueryResult>;
  query(config: pg.QueryArrayConfig): Promise<pg.QueryArrayResult>;
}

function connectionOf(client: Runner): Queryable {
  return {
    query: <Row>(statement: Statement) => run<Row>(client, statement),
    queryText: (statement) => runText(client, statement),
  };
}

async function run<Row>(runner: Runner, statement: Statement): Promise<QueryResult<Row>> {
  try {
    const result = await runner.query(driverStatement(statement));
    return { rows: result.rows as Row[], count: result.rowCount ?? 0 };
  } catch (error) {
    throw databaseError(error);
  }
}

const undecoded = { getTypeParser: () => (value: unknown) => value };

async function runText(runner: Runner, statement: Statement): Promise<readonly TextRow[]> {
  const config: pg.QueryArrayConfig = { ...driverStatement(statement), rowMode: "array", types: undecoded };
  try {
    const result = await runner.query(config);
    return result.rows as TextRow[];
  } catch (error) {
    throw databaseError(error);
  }
}

function driverStatement(statement: Statement): pg.QueryConfig {
  return {
    text: statement.text,
    ...(statement.name === undefined ? {} : { name: statement.name }),
    values: (statement.values ?? []).map((value) => (value instanceof Uint8Array ? asBuffer(value) : value)),
  };
}

/** The driver sends a Buffer as a binary value as it is. */
function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
