import { randomUUID } from "node:crypto";
import { lstat, rename, rm, writeFile } from "node:fs/promises";
import { P8eError } from "@p8e/core";
import { type FoundContract, foreignText, type RowOutcome, rowName, type Tape, type TapeFormat } from "@p8e/sdk";

/** What a report is about, and where it goes. */
export interface RowReport {
  readonly file: string;
  readonly format: TapeFormat;
  readonly tape: Tape;
  readonly contract: Pick<FoundContract, "manifest" | "scopeSpecification">;
  readonly rowColumn: string;
}

const COLUMNS = [
  ...(["row", "name", "outcome", "scope", "session", "transaction", "height"] as const),
  ...(["code", "rule", "field", "message"] as const),
];
type ReportRow = Partial<Record<(typeof COLUMNS)[number], string | number>>;

/** Before anything is written to the ledger that could not be reported. @throws `input.invalid` */
export async function requireReportPlace(file: string): Promise<void> {
  const there = await lstat(file).catch(() => undefined);
  if (there?.isDirectory()) throw unwritable(file);
  await besides(file, async (path) => writeFile(path, "", NEW_FILE));
}

/** Writes what became of every row of a tape, in its order, in the place of what an earlier run reported. */
export async function writeRowReport(outcomes: readonly RowOutcome[], report: RowReport): Promise<void> {
  const known = new Map(outcomes.map((each) => [each.number, each]));
  const rows = report.tape.records.map((record): ReportRow => {
    const outcome = known.get(record.number);
    return outcome === undefined
      ? { row: record.number, name: nameOrNothing(() => rowName(record, report.rowColumn)), outcome: "untried" }
      : rowOfReport(outcome);
  });
  const { manifest, scopeSpecification } = report.contract;
  const text =
    report.format === "csv"
      ? `${[COLUMNS, ...rows.map((row) => COLUMNS.map((name) => row[name] ?? ""))].map(csvLine).join("\r\n")}\r\n`
      : `${JSON.stringify({ format: 1, contract: manifest.className, scopeSpecification, rows }, null, 1)}\n`;
  await besides(report.file, async (path) => {
    await writeFile(path, text, NEW_FILE);
    await rename(path, report.file);
  });
}

const NEW_FILE = { flag: "wx", mode: 0o600 } as const;

/** Gives a file of its own beside the report, and leaves none behind. */
async function besides(file: string, work: (path: string) => Promise<void>): Promise<void> {
  const path = `${file}.${randomUUID()}`;
  try {
    await work(path);
  } catch (cause) {
    throw unwritable(file, cause);
  } finally {
    await rm(path, { force: true }).catch(() => undefined);
  }
}

function unwritable(file: string, cause?: unknown): P8eError {
  return new P8eError("input.invalid", "the report cannot be written", {
    facts: { file },
    cause,
    hint: "Name a file in a folder that is there and may be written to: --report.",
  });
}

/** What an error says of a row: in the contract's own words where it is the contract's. */
export function rowFaults(error: P8eError): {
  readonly rule?: string;
  readonly field: string;
  readonly message: string;
} {
  const { rule, field } = error.facts;
  return {
    ...(typeof rule === "string" ? { rule: foreignText(rule) } : {}),
    field: typeof field === "string" ? foreignText(field) : "",
    message: foreignText(error.message),
  };
}

function rowOfReport(outcome: RowOutcome): ReportRow {
  const about = { row: outcome.number, name: outcome.name };
  switch (outcome.outcome) {
    case "refused":
      return { ...about, outcome: "refused", code: outcome.error.code, ...rowFaults(outcome.error) };
    case "written":
    case "already": {
      const { scope, session, transaction } = outcome;
      const place = { scope, session, transaction };
      if (outcome.outcome === "written")
        return { ...about, outcome: "written", ...place, height: Number(outcome.height) };
      const message = outcome.differs ? "the tape says other values now than were written" : "";
      return { ...about, outcome: "already", ...place, ...(message === "" ? {} : { message }) };
    }
    default:
      return { ...about, outcome: outcome.outcome };
  }
}

function nameOrNothing(name: () => string): string {
  try {
    return name();
  } catch {
    return "";
  }
}

function csvLine(cells: readonly (string | number)[]): string {
  return cells.map(csvCell).join(",");
}

/** A spreadsheet would run what begins like a formula; an apostrophe makes a text of it. */
function csvCell(value: string | number): string {
  const text = typeof value === "string" && /^[=+\-@\t\r]/.test(value) ? `'${value}` : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
