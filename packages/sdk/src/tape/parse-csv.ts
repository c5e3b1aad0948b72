import { P8eError } from "@p8e/core";

/** How much of a table is read. */
export interface CsvLimits {
  readonly rowsMax: number;
  readonly columnsMax: number;
  /** Characters of one cell. */
  readonly cellMax: number;
}

/** A table: its header, and its rows with as many cells each. */
export interface CsvTable {
  readonly header: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/**
 * Comma-separated values as RFC 4180 has them, and nothing else: a cell is quoted whole or not at all, a quote in it is
 * doubled, lines end with LF or CRLF, and each has as many cells as the header. A byte order mark before the header and
 * empty lines at the end are let pass. Errors name row and column, and nothing of what is in the cells.
 *
 * @throws `input.invalid`, `input.too_large`
 */
export function parseCsv(text: string, limits: CsvLimits): CsvTable {
  const reader = new CsvReader(text.startsWith("\ufeff") ? text.slice(1) : text, limits);
  const header = reader.line();
  if (header === undefined) throw invalid("the table is empty: its first line names the columns", {});
  const rows: (readonly string[])[] = [];
  for (let cells = reader.line(); cells !== undefined; cells = reader.line()) {
    if (rows.length === limits.rowsMax)
      throw tooLarge(`the table has more than ${limits.rowsMax} rows`, limits.rowsMax);
    if (cells.length !== header.length) {
      const row = rows.length + 1;
      throw invalid(`row ${row} has ${cells.length} cells, the header ${header.length}`, { row });
    }
    rows.push(cells);
  }
  return { header, rows };
}

class CsvReader {
  readonly #text: string;
  readonly #limits: CsvLimits;
  /** Where the empty lines at the end begin, or the end of the last line. */
  readonly #end: number;
  /** Ends an unquoted cell, or must not be in one. */
  readonly #special = /[",\r\n]/g;
  #at = 0;
  #row = 0;

  constructor(text: string, limits: CsvLimits) {
    this.#text = text;
    this.#limits = limits;
    let end = text.length;
    while (text[end - 1] === "\n" || text[end - 1] === "\r") end -= 1;
    this.#end = end;
  }

  /** The cells of the next line; undefined behind the last. */
  line(): readonly string[] | undefined {
    if (this.#at >= this.#end) return undefined;
    const cells: string[] = [];
    for (;;) {
      if (cells.length === this.#limits.columnsMax) {
        throw tooLarge(`a row has more than ${this.#limits.columnsMax} cells`, this.#limits.columnsMax);
      }
      cells.push(this.#cell(cells.length + 1));
      const end = this.#text[this.#at];
      if (end === ",") {
        this.#at += 1;
        continue;
      }
      this.#at += end === "\r" ? 2 : 1;
      this.#row += 1;
      return cells;
    }
  }

  /** Leaves the reader at the comma or at the end of the line. */
  #cell(column: number): string {
    const value = this.#text[this.#at] === '"' ? this.#quoted(column) : this.#plain(column);
    if (value.length > this.#limits.cellMax) {
      throw tooLarge(`${this.#place(column)} has more than ${this.#limits.cellMax} characters`, this.#limits.cellMax);
    }
    if (value.includes("\u0000")) throw this.#refusal(column, "holds U+0000");
    return value;
  }

  #plain(column: number): string {
    this.#special.lastIndex = this.#at;
    const end = this.#special.exec(this.#text)?.index ?? this.#text.length;
    const value = this.#text.slice(this.#at, end);
    this.#at = end;
    this.#requireEnd(column, "has a quote in the middle: a cell is quoted whole, with each quote in it doubled");
    return value;
  }

  #quoted(column: number): string {
    let value = "";
    let from = this.#at + 1;
    for (;;) {
      const quote = this.#text.indexOf('"', from);
      if (quote === -1) throw this.#refusal(column, "has no quote at its end");
      value += this.#text.slice(from, quote);
      // What is too long already is not gone through to its end.
      if (value.length > this.#limits.cellMax) return value;
      if (this.#text[quote + 1] !== '"') {
        this.#at = quote + 1;
        break;
      }
      value += '"';
      from = quote + 2;
    }
    this.#requireEnd(column, "goes on behind its quote");
    return value;
  }

  #requireEnd(column: number, problem: string): void {
    const next = this.#text[this.#at];
    if (next === undefined || next === "," || next === "\n") return;
    if (next !== "\r") throw this.#refusal(column, problem);
    if (this.#text[this.#at + 1] !== "\n") throw this.#refusal(column, "ends with CR alone: lines end with LF or CRLF");
  }

  #place(column: number): string {
    return this.#row === 0 ? `column ${column} of the header` : `column ${column} of row ${this.#row}`;
  }

  #refusal(column: number, problem: string): P8eError {
    return invalid(`${this.#place(column)} ${problem}`, { row: this.#row, column });
  }
}

function invalid(message: string, facts: Readonly<Record<string, number>>): P8eError {
  return new P8eError("input.invalid", message, { facts, hint: "Write the table as RFC 4180 has it." });
}

function tooLarge(message: string, limit: number): P8eError {
  return new P8eError("input.too_large", message, { facts: { limit }, hint: "Split the tape." });
}
