import { P8eError } from "@p8e/core";

/** What a whole number may be. */
export interface IntegerRange {
  /** Absent: the variable is required. */
  readonly fallback?: number | undefined;
  readonly min: number;
  readonly max: number;
}

/**
 * Reads variables by the reference's rules (booleans are `true` or `false`, integers are decimal) and collects what is
 * wrong, so that an operator sees all of it at once. Values are never repeated in a message: some are secrets.
 */
export class EnvironmentReader {
  readonly #env: Readonly<Record<string, string | undefined>>;
  readonly #problems: { readonly name: string; readonly problem: string }[] = [];

  constructor(env: Readonly<Record<string, string | undefined>>) {
    this.#env = env;
  }

  text(name: string, fallback?: string): string {
    const value = this.#env[name] ?? fallback;
    if (value === undefined) this.problem(name, "is not set");
    return value ?? "";
  }

  boolean(name: string, fallback: boolean): boolean {
    const value = this.#env[name];
    if (value === undefined) return fallback;
    if (value !== "true" && value !== "false") this.problem(name, "must be true or false");
    return value === "true";
  }

  integer(name: string, range: IntegerRange): number {
    const text = this.#env[name];
    if (text === undefined) {
      if (range.fallback === undefined) this.problem(name, "is not set");
      return range.fallback ?? range.min;
    }
    const value = /^[+-]?\d{1,16}$/.test(text) ? Number(text) : Number.NaN;
    if (!(value >= range.min && value <= range.max)) {
      this.problem(name, `must be a whole number from ${range.min} to ${range.max}`);
      return range.min;
    }
    return value;
  }

  problem(name: string, problem: string): void {
    this.#problems.push({ name, problem });
  }

  /** @throws `configuration.invalid` when anything was wrong */
  finish(): void {
    if (this.#problems.length === 0) return;
    throw new P8eError(
      "configuration.invalid",
      this.#problems.map(({ name, problem }) => `${name} ${problem}`).join("; "),
      { facts: { variables: this.#problems.map(({ name }) => name) } },
    );
  }
}
