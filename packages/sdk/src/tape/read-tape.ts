import { P8eError, utf8Decode } from "@p8e/core";
import { type DecodingBudget, type JsonNode, parseExactJson } from "@p8e/decoding";
import { parseCsv } from "./parse-csv.ts";

/** A row of a tape: what its columns say. An empty cell of CSV says nothing. */
export interface TapeRecord {
  /** From 1 on; in CSV the header does not count. */
  readonly number: number;
  /** By column. */
  readonly values: ReadonlyMap<string, JsonNode>;
}

/** A tape, read and not understood yet. */
export interface Tape {
  /** In the order in which they come. */
  readonly columns: readonly string[];
  readonly records: readonly TapeRecord[];
  /** Values are texts alone, whatever they mean. */
  readonly textOnly: boolean;
}

/** How a tape is written. */
export type TapeFormat = "csv" | "json";

/** The most bytes that are read of a tape. */
export const TAPE_BYTES_MAX: number = 32 * 1024 * 1024;

const ROWS_MAX = 100_000;
const COLUMNS_MAX = 1000;
const CELL_MAX = 65_536;

const tapeBudget: DecodingBudget = Object.freeze({
  bytes: TAPE_BYTES_MAX,
  fields: 2_000_000,
  resultBytes: 512 * 1024 * 1024,
  depth: 100,
});

/**
 * Reads a tape: CSV with a header, or a JSON array of objects whose fields are the columns.
 * @throws `input.invalid`, `input.too_large`
 */
export function readTape(bytes: Uint8Array, format: TapeFormat): Tape {
  if (bytes.length > TAPE_BYTES_MAX) {
    throw new P8eError("input.too_large", `the tape has more than ${TAPE_BYTES_MAX} bytes`, {
      facts: { limit: TAPE_BYTES_MAX },
      hint: "Split it.",
    });
  }
  return format === "csv" ? tapeOfCsv(bytes) : tapeOfJson(bytes);
}

function tapeOfCsv(bytes: Uint8Array): Tape {
  const { header, rows } = parseCsv(textOf(bytes), {
    rowsMax: ROWS_MAX,
    columnsMax: COLUMNS_MAX,
    cellMax: CELL_MAX,
  });
  const columns = new Set(header);
  if (columns.size < header.length || columns.has("")) {
    throw new P8eError("input.invalid", "the header of the tape has a column without a name, or one name twice");
  }
  const records = rows.map((cells, index) => {
    const values = new Map<string, JsonNode>();
    for (const [at, value] of cells.entries()) if (value !== "") values.set(header[at]!, { kind: "string", value });
    return { number: index + 1, values };
  });
  return { columns: header, records, textOnly: true };
}

function tapeOfJson(bytes: Uint8Array): Tape {
  const tape = parseExactJson(bytes, { what: "the tape" }, tapeBudget);
  if (tape.kind !== "array") throw new P8eError("input.invalid", "the tape is not a list of rows");
  if (tape.items.length > ROWS_MAX) {
    throw new P8eError("input.too_large", `the tape has more than ${ROWS_MAX} rows`, { facts: { limit: ROWS_MAX } });
  }
  const columns = new Set<string>();
  const records = tape.items.map((item, index): TapeRecord => {
    const number = index + 1;
    if (item.kind !== "object") {
      throw new P8eError("input.invalid", `row ${number} of the tape is not an object`, { facts: { row: number } });
    }
    for (const name of item.fields.keys()) columns.add(name);
    if (columns.size > COLUMNS_MAX) {
      throw new P8eError("input.too_large", `the tape has more than ${COLUMNS_MAX} columns`, {
        facts: { limit: COLUMNS_MAX },
      });
    }
    return { number, values: item.fields };
  });
  return { columns: [...columns], records, textOnly: false };
}

function textOf(bytes: Uint8Array): string {
  try {
    return utf8Decode(bytes);
  } catch (cause) {
    throw new P8eError("input.invalid", "the tape is not UTF-8", { cause });
  }
}
