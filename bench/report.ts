// What a bench prints: a table for people, or with `--json` one document for programs.
import { cpus, totalmem } from "node:os";
import process from "node:process";

/** One number of a bench over its rounds. */
export interface BenchRow {
  readonly name: string;
  /** `ms`, `per s` … */
  readonly unit: string;
  readonly median: number;
  readonly min: number;
  readonly max: number;
  /** What the median must not exceed; a rate must not fall below it. */
  readonly limit?: number;
  /** The same work done by what it is compared with, in the same run. */
  readonly peer?: number;
}

/** What it ran on, in one line. */
export const machine = `${cpus().length} x ${cpus()[0]?.model.trim() ?? "unknown processor"}, ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.version}`;

/** @param values one of each round, at least one */
export function benchRow(name: string, unit: string, values: readonly number[]): BenchRow {
  const sorted = values.toSorted((one, other) => one - other);
  const [median, min, max] = [sorted[sorted.length >> 1]!, sorted[0]!, sorted.at(-1)!].map(rounded);
  return { name, unit, median: median!, min: min!, max: max! };
}

/** @param part 0.99 for the value that 99 of 100 do not exceed */
export function percentile(values: readonly number[], part: number): number {
  const sorted = values.toSorted((one, other) => one - other);
  return sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * part) - 1)]!;
}

/** Prints the rows: as `{"bench","machine","rows"}` in one line, or as a table. */
export function printRows(bench: string, rows: readonly BenchRow[], json: boolean): void {
  if (json) {
    process.stdout.write(`${JSON.stringify({ bench, machine, rows })}\n`);
    return;
  }
  const width = Math.max(...rows.map(({ name }) => name.length));
  for (const { name, unit, median, min, max, limit, peer } of rows) {
    const beside = `${peer === undefined ? "" : `, peer ${peer}`}${limit === undefined ? "" : `, limit ${limit}`}`;
    process.stdout.write(`${name.padEnd(width)}  ${`${median} ${unit}`.padStart(12)}  (${min} to ${max}${beside})\n`);
  }
}

const rounded = (value: number) => Math.round(value * 10) / 10;
