import { P8eError, pause } from "@p8e/core";
import { isAlive } from "@p8e/machine";
import { type LocalPostgres, openLocalPostgres, type PostgresLog } from "./local-postgres.ts";

/** Which server is kept, and who hears of it. */
export interface KeptPostgresOptions {
  /** As `openLocalPostgres` takes it. */
  readonly dataDir: string;
  /** Told when the server dies and comes back, one sentence each. */
  readonly say: (text: string) => void;
  readonly log?: PostgresLog | undefined;
  /** Gives up opening; no effect afterwards. */
  readonly signal?: AbortSignal | undefined;
}

const LOOK_MS = 200;
const RETRY_MAX_MS = 5_000;

/**
 * A PostgreSQL server that is kept: taken over or started, watched, started again on its port when it dies, stopped. It is
 * detached, so that it outlives a crash of this process, and may be another process's child: it is looked at rather
 * than waited for.
 */
export class KeptPostgres implements AsyncDisposable {
  readonly #options: KeptPostgresOptions;
  readonly #port: number;
  readonly #stopping = new AbortController();
  #server: LocalPostgres;
  #watching: Promise<void>;

  private constructor(options: KeptPostgresOptions, server: LocalPostgres) {
    this.#options = options;
    this.#server = server;
    this.#port = server.port;
    this.#watching = this.#watch();
  }

  /** @throws as {@link openLocalPostgres} */
  static async open(options: KeptPostgresOptions): Promise<KeptPostgres> {
    return new KeptPostgres(options, await openLocalPostgres(options));
  }

  get host(): string {
    return this.#server.host;
  }

  get port(): number {
    return this.#port;
  }

  get pid(): number {
    return this.#server.pid;
  }

  createDatabase(name: string, role: string, password: string): Promise<void> {
    return this.#server.createDatabase(name, role, password);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopping.abort();
    await this.#watching;
    await this.#server[Symbol.asyncDispose]();
  }

  async #watch(): Promise<void> {
    const { signal } = this.#stopping;
    while (await waited(LOOK_MS, signal)) {
      if (isAlive(this.#server.pid)) continue;
      this.#options.say("the database died; starting it again");
      await this.#restart(signal);
    }
  }

  async #restart(signal: AbortSignal): Promise<void> {
    for (let delayMs = LOOK_MS; !signal.aborted; delayMs = Math.min(RETRY_MAX_MS, 2 * delayMs)) {
      try {
        // It is dead already: this only lets go of its folder.
        await this.#server[Symbol.asyncDispose]();
        this.#server = await openLocalPostgres({ ...this.#options, signal });
        if (this.#server.port === this.#port) this.#options.say("the database is back");
        else this.#options.say(`another program took the database's port ${this.#port}; stop, and start anew`);
        return;
      } catch (error) {
        if (signal.aborted) return;
        this.#options.say(`the database does not start: ${P8eError.from(error).message}`);
        await waited(delayMs, signal);
      }
    }
  }
}

/** False when it was interrupted. */
function waited(ms: number, signal: AbortSignal): Promise<boolean> {
  return pause(ms, signal).then(
    () => true,
    () => false,
  );
}
