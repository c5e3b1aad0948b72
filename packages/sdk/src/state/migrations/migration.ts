import type { StateOrigin } from "../execution.ts";

/** What a step may do: statements of the transaction in which all missing steps run. */
export interface MigrationTarget {
  /** One or more statements. */
  exec(sql: string): void;
  /** One statement with values for its question marks. */
  run(sql: string, ...values: (string | number)[]): void;
}

/** A step from the format before it to its own. Once released it is never changed: files out there have taken it. */
export interface Migration {
  readonly version: number;
  /** @param origin of whoever opens the file: formats before 2 do not say whose it is */
  up(target: MigrationTarget, origin: StateOrigin): void;
}
