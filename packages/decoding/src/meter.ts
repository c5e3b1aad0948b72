import type { DecodingBudget } from "./decoding-budget.ts";
import { DecodingFault } from "./decoding-fault.ts";
import type { FieldPath } from "./field-path.ts";

const PROBLEMS: Readonly<Record<keyof DecodingBudget, string>> = {
  bytes: "has more bytes than are read",
  fields: "has more fields than are read",
  resultBytes: "would take more memory than it is given when it is decoded",
  depth: "is nested more deeply than is read",
};

/** Spends a {@link DecodingBudget}; what exceeds it is refused where it is met. */
export class Meter {
  readonly budget: DecodingBudget;
  readonly path: FieldPath;
  #fields = 0;
  #resultBytes = 0;
  #depth = 0;

  constructor(budget: DecodingBudget, path: FieldPath) {
    this.budget = budget;
    this.path = path;
  }

  /** How many there have been. */
  get fieldsRead(): number {
    return this.#fields;
  }

  bytes(count: number): void {
    if (count > this.budget.bytes) this.#exceeded("bytes");
  }

  /** One more field, which takes so many bytes. */
  field(bytes: number): void {
    this.fields(1, bytes);
  }

  fields(count: number, bytesEach: number): void {
    this.#fields += count;
    if (this.#fields > this.budget.fields) this.#exceeded("fields");
    this.result(count * bytesEach);
  }

  result(bytes: number): void {
    this.#resultBytes += bytes;
    if (this.#resultBytes > this.budget.resultBytes) this.#exceeded("resultBytes");
  }

  enter(): void {
    this.#depth += 1;
    if (this.#depth > this.budget.depth) this.#exceeded("depth");
  }

  leave(): void {
    this.#depth -= 1;
  }

  #exceeded(of: keyof DecodingBudget): never {
    throw new DecodingFault({
      field: this.path.text(),
      problem: PROBLEMS[of],
      limit: { of, max: this.budget[of] },
    });
  }
}
