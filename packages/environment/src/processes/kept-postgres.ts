import { P8eError } from "@p8e/core";
import { isAlive } from "@p8e/machine";
import { type EmbeddedPostgres, openEmbeddedPostgres } from "@p8e/object-store";

export interface KeptPostgresOptions {
  readonly dataDir: string;
  readonly say: (text: string) => void;
  readonly signal?: AbortSignal | undefined;
}

const LOOK_MS = 200;
const RETRY_MAX_MS = 5_000;

/**
 * The environment's PostgreSQL: taken over or started, watched, started again on its port when it dies, stopped. It is
 * detached, so that it outlives a crash of this process, and may be another process's child: it is looked at rather
 * than waited for.
 */
export class KeptPostgres implements AsyncDisposable {
  readonly #options: KeptPostgresOptions;
  readonly #port: number;
  readonly #stopping = new AbortController();
  #server: EmbeddedPostgres;
  #watching: Promise<void>;

  private constructor(options: KeptPostgresOptions, server: EmbeddedPostgres) {
    this.#options = options;
    this.#server = server;
    this.#port = server.port;
    this.#watching = this.#watch();
  }

  /** @throws as {@link openEmbeddedPostgres} */
  static async open(options: KeptPostgresOptions): Promise<KeptPostgres> {
    return new KeptPostgres(options, await open(options.dataDir, options.signal));
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
    while (await pause(LOOK_MS, signal)) {
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
        this.#server = await open(this.#options.dataDir, signal);
        if (this.#server.port === this.#port) this.#options.say("the database is back");
        else this.#options.say(`another program took the database's port ${this.#port}; stop, and start anew`);
        return;
      } catch (error) {
        if (signal.aborted) return;
        this.#options.say(`the database does not start: ${P8eError.from(error).message}`);
        await pause(delayMs, signal);
      }
    }
  }
}

function open(dataDir: string, signal: AbortSignal | undefined): Promise<EmbeddedPostgres> {
  return openEmbeddedPostgres({ dataDir, ...(signal === undefined ? {} : { signal }) });
}

/** False when it was interrupted. */
function pause(ms: number, signal: AbortSignal): Promise<boolean> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve(false);
    const stop = () => {
      clearTimeout(timer);
      resolve(false);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener("abort", stop);
      resolve(true);
    }, ms);
    signal.addEventListener("abort", stop, { once: true });
  });
}
