import { isConnectionLoss } from "./database-error.ts";

/** How rows are written together, and how many at once. */
export interface GroupCommitOptions<Row, Result> {
  /** Writes all rows in one statement and answers for each, in their order. It must be safe to repeat. */
  readonly write: (rows: readonly Row[]) => Promise<readonly Result[]>;
  readonly rowsMax: number;
  /** Statements under way at once. */
  readonly inFlightMax: number;
  readonly sizeOf: (row: Row) => number;
  /** Bytes of one statement, but for a single larger row. */
  readonly bytesMax: number;
}

interface Waiting<Row, Result> {
  readonly row: Row;
  readonly resolve: (result: Result) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Rows of concurrent requests share statements and so transactions: while some are under way, what arrives gathers for
 * the next. A row that arrives when nothing is under way goes at once; nobody ever waits for company.
 *
 * When a shared statement fails, each of its rows is tried once more alone: a bad row then fails alone.
 */
export class GroupCommit<Row, Result> {
  readonly #options: GroupCommitOptions<Row, Result>;
  #queue: Waiting<Row, Result>[] = [];
  #inFlight = 0;

  constructor(options: GroupCommitOptions<Row, Result>) {
    this.#options = options;
  }

  submit(row: Row): Promise<Result> {
    return new Promise((resolve, reject) => {
      this.#queue.push({ row, resolve, reject });
      this.#pump();
    });
  }

  #pump(): void {
    while (this.#inFlight < this.#options.inFlightMax && this.#queue.length > 0) {
      this.#inFlight++;
      void this.#commit(this.#takeBatch()).finally(() => {
        this.#inFlight--;
        this.#pump();
      });
    }
  }

  #takeBatch(): readonly Waiting<Row, Result>[] {
    let bytes = 0;
    let count = 0;
    for (const { row } of this.#queue) {
      bytes += this.#options.sizeOf(row);
      if (count > 0 && (bytes > this.#options.bytesMax || count >= this.#options.rowsMax)) break;
      count++;
    }
    const batch = this.#queue.slice(0, count);
    this.#queue = this.#queue.slice(count);
    return batch;
  }

  async #commit(batch: readonly Waiting<Row, Result>[]): Promise<void> {
    try {
      const results = await this.#options.write(batch.map(({ row }) => row));
      batch.forEach(({ resolve }, index) => {
        resolve(results[index]!);
      });
    } catch (error) {
      // Alone and refused: that is the answer. A lost connection deserves a second try on another one.
      if (batch.length === 1 && !isConnectionLoss(error)) batch[0]!.reject(error);
      else for (const waiting of batch) await this.#commitAlone(waiting);
    }
  }

  async #commitAlone({ row, resolve, reject }: Waiting<Row, Result>): Promise<void> {
    try {
      const [result] = await this.#options.write([row]);
      resolve(result!);
    } catch (error) {
      reject(error);
    }
  }
}
