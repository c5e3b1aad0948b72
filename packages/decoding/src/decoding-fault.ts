import { type ErrorCode, type Facts, P8eError } from "@p8e/core";
import type { DecodingBudget } from "./decoding-budget.ts";

/** What an error says of the bytes that were read. */
export interface DecodingContext {
  /** What they should be, for the error's sentence: "the evidence", "the input person". */
  readonly what: string;
  /** Where they were read from. */
  readonly file?: string | undefined;
  /** Of what is malformed; `input.invalid` unless given. */
  readonly code?: ErrorCode | undefined;
  /** Of what costs too much; `input.too_large` unless given. */
  readonly tooLargeCode?: ErrorCode | undefined;
  readonly hint?: string | undefined;
  /** What else the error tells. */
  readonly facts?: Facts | undefined;
}

/**
 * Why bytes were refused, without a word of what is in them. It is thrown inside this package and crosses threads as the
 * plain object it is; outside it is an error of p8e: {@link decodingError}.
 */
export interface Refusal {
  /** The path of the field, in JSON's names; empty for the whole. */
  readonly field: string;
  /** A predicate that reads on from the field. */
  readonly problem: string;
  /** Not malformed, but read otherwise by other decoders; nobody forged anything. */
  readonly readersDiffer?: true;
  /** Which part of the budget was exceeded, and what it is. */
  readonly limit?: { readonly of: keyof DecodingBudget; readonly max: number };
}

/** Carries a {@link Refusal} through our own calls. */
export class DecodingFault extends Error {
  readonly refusal: Refusal;

  constructor(refusal: Refusal) {
    super(`${refusal.field === "" ? "it" : refusal.field} ${refusal.problem}`);
    Object.defineProperty(this, "name", { value: "DecodingFault", configurable: true });
    this.refusal = refusal;
  }
}

/** The error for a refusal; its facts are `field`, `reason`, `readersDiffer`, and for a budget `limit` and `of`. */
export function decodingError({ field, problem, limit, readersDiffer }: Refusal, context: DecodingContext): P8eError {
  const { what, file, hint } = context;
  const code = limit === undefined ? (context.code ?? "input.invalid") : (context.tooLargeCode ?? "input.too_large");
  const place = field === "" ? what : `${field} in ${what}`;
  const message = `${file === undefined ? "" : `${file}: `}${place} ${problem}`;
  const bound = limit === undefined ? {} : { limit: limit.max, of: limit.of };
  return new P8eError(code, message, {
    facts: {
      ...context.facts,
      file,
      field: field === "" ? what : field,
      reason: problem,
      ...bound,
      ...(readersDiffer && { readersDiffer }),
    },
    hint,
  });
}

/** Runs a reading and makes an error of p8e of what it refuses. */
export function refusing<T>(context: DecodingContext, read: () => T): T {
  try {
    return read();
  } catch (thrown) {
    throw thrown instanceof DecodingFault ? decodingError(thrown.refusal, context) : thrown;
  }
}
