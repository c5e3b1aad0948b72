import { once } from "node:events";
import type { Socket } from "node:net";
import type pg from "pg";

/** What the driver's connection has for COPY; its type definitions leave that out. */
interface CopyConnection {
  readonly stream: Socket;
  query(text: string): void;
  sendCopyFromChunk(chunk: Uint8Array): void;
  endCopyFrom(): void;
  sendCopyFail(message: string): void;
}

/** Rows are handed on when so many bytes of them are there. */
const PIECE_BYTES = 256 * 1024;
/** So many may wait for whoever takes them; the server waits then. */
const WAITING_BYTES_MAX = 1024 * 1024;

/** What both directions answer to the driver. */
abstract class Copy {
  readonly done: Promise<number>;
  protected readonly settled = Promise.withResolvers<number>();
  readonly #text: string;
  #rows = 0;

  constructor(text: string) {
    this.#text = text;
    this.done = this.settled.promise;
  }

  submit(connection: pg.Connection): void {
    copying(connection).query(this.#text);
  }

  handleCommandComplete({ text }: { readonly text: string }): void {
    this.#rows = Number(/^COPY (\d+)$/.exec(text)?.[1] ?? 0);
  }

  handleReadyForQuery(): void {
    this.ended().then(() => this.settled.resolve(this.#rows), this.settled.reject);
  }

  handleError(error: unknown): void {
    this.settled.reject(error);
  }

  /** Resolves when everything of it is done that the server does not see. */
  protected abstract ended(): Promise<void>;
}

/** `COPY … TO STDOUT`: the rows as the server writes them, in pieces; `done` has their number. */
export class CopyOut extends Copy {
  readonly #take: (bytes: Uint8Array) => Promise<void>;
  #gathered: Uint8Array[] = [];
  #gatheredBytes = 0;
  #waitingBytes = 0;
  #last: Promise<void> = Promise.resolve();

  constructor(text: string, take: (bytes: Uint8Array) => Promise<void>) {
    super(text);
    this.#take = take;
  }

  handleCopyData({ chunk }: { readonly chunk: Uint8Array }, connection: pg.Connection): void {
    this.#gathered.push(new Uint8Array(chunk)); // the driver uses its memory again
    this.#gatheredBytes += chunk.length;
    if (this.#gatheredBytes >= PIECE_BYTES) this.#handOn(copying(connection).stream);
  }

  #handOn(stream: Socket | undefined): void {
    const piece = Buffer.concat(this.#gathered);
    this.#gathered = [];
    this.#gatheredBytes = 0;
    this.#waitingBytes += piece.length;
    if (this.#waitingBytes > WAITING_BYTES_MAX) stream?.pause();
    this.#last = this.#last.then(async () => {
      await this.#take(piece);
      this.#waitingBytes -= piece.length;
      if (this.#waitingBytes <= WAITING_BYTES_MAX) stream?.resume();
    });
    this.#last.catch((error: unknown) => {
      this.settled.reject(error);
      stream?.destroy(); // what the server still has to send is of no use to anybody
    });
  }

  protected ended(): Promise<void> {
    this.#handOn(undefined);
    return this.#last;
  }
}

/** `COPY … FROM STDIN`: rows as {@link CopyOut} wrote them; `done` has their number. */
export class CopyIn extends Copy {
  readonly #pieces: AsyncIterable<Uint8Array>;
  #failed: { readonly cause: unknown } | undefined;
  #over = false;

  constructor(text: string, pieces: AsyncIterable<Uint8Array>) {
    super(text);
    this.#pieces = pieces;
  }

  handleCopyInResponse(connection: pg.Connection): void {
    void this.#send(copying(connection));
  }

  async #send(connection: CopyConnection): Promise<void> {
    try {
      for await (const piece of this.#pieces) {
        if (this.#over) return;
        connection.sendCopyFromChunk(piece);
        if (connection.stream.writableNeedDrain) await drained(connection.stream);
      }
      connection.endCopyFrom();
    } catch (cause) {
      this.#failed = { cause };
      connection.sendCopyFail("the rows cannot be read");
    }
  }

  override handleError(error: unknown): void {
    this.#over = true;
    super.handleError(this.#failed === undefined ? error : this.#failed.cause);
  }

  protected async ended(): Promise<void> {}
}

function copying(connection: pg.Connection): CopyConnection {
  return connection as unknown as CopyConnection;
}

async function drained(stream: Socket): Promise<void> {
  const over = new AbortController();
  const { signal } = over;
  try {
    await Promise.race([once(stream, "drain", { signal }), once(stream, "close", { signal })]);
  } finally {
    over.abort();
  }
}
