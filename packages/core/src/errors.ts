import { type ErrorCode, isErrorCode, type WireStatus, wire } from "./error-codes.ts";
import type { Facts, FactsOf } from "./facts.ts";

/**
 * The one error type of p8e.
 *
 * Callers and tests match on `code`, never on text. `facts` are data a program or a person can use (which object,
 * which party, which limit); no key, plaintext or credential may enter a message or a fact. `cause` is for local logs
 * and is never sent to a peer.
 */

/** What an error carries beside its code and message. */
export interface ErrorDetails<C extends ErrorCode = ErrorCode> {
  readonly facts?: FactsOf<C> | undefined;
  readonly cause?: unknown;
  /** One sentence on what the reader can do about it. */
  readonly hint?: string | undefined;
}

/** Registered with the runtime, hence the same in every copy of this package that a process may hold. */
const mark = Symbol.for("@p8e/core/P8eError");

/** An error of p8e. Ask with {@link isP8eError}: instanceof knows only the errors of its own copy of this package. */
export class P8eError<C extends ErrorCode = ErrorCode> extends Error {
  override readonly name = "P8eError";
  readonly code: C;
  readonly facts: FactsOf<C> & Facts;
  readonly hint: string | undefined;

  constructor(code: C, message: string, details: ErrorDetails<C> = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.facts = (details.facts ?? {}) as FactsOf<C> & Facts;
    this.hint = details.hint;
  }

  get [mark](): true {
    return true;
  }

  /** A code that this copy's table does not have (a newer peer's, say) counts as a fault of p8e. */
  get status(): WireStatus {
    return isErrorCode(this.code) ? wire[this.code] : wire["internal.unexpected"];
  }

  /**
   * The single gate from "anything thrown" to our error; what is already ours passes unchanged. Of an operation that was
   * stopped, the reason decides: `rpc.deadline` when its time had run out, else `rpc.cancelled`. Anything else gets `code`.
   */
  static from(thrown: unknown, code: ErrorCode = "internal.unexpected"): P8eError {
    if (isP8eError(thrown)) return thrown;
    if (isNamed(thrown, "TimeoutError")) {
      return new P8eError("rpc.deadline", "the time allowed for the operation has run out", { cause: thrown });
    }
    if (isAbort(thrown)) {
      const reason = thrown.cause;
      if (isP8eError(reason) || isNamed(reason, "TimeoutError")) return P8eError.from(reason);
      return new P8eError("rpc.cancelled", "the operation was cancelled", { cause: thrown });
    }
    const text = thrown instanceof Error ? thrown.message : String(thrown);
    return new P8eError(code, text, { cause: thrown });
  }
}

/** Whether something thrown is an error of p8e, of whichever copy of this package. */
export function isP8eError(value: unknown): value is P8eError {
  return typeof value === "object" && value !== null && (value as { [mark]?: unknown })[mark] === true;
}

/** Whether something thrown is an error of p8e with one of these codes; its facts are typed then. */
export function hasCode<C extends ErrorCode>(value: unknown, ...codes: readonly C[]): value is P8eError<C> {
  return isP8eError(value) && (codes as readonly ErrorCode[]).includes(value.code);
}

function isNamed(value: unknown, name: string): value is Error {
  return value instanceof Error && value.name === name;
}

function isAbort(value: unknown): value is Error {
  return isNamed(value, "AbortError") || (value instanceof Error && (value as { code?: unknown }).code === "ABORT_ERR");
}

/** For invariants of our own code: a failure here is a bug and must stop the process, not be handled. */
export function invariant(condition: unknown, message: string): asserts condition {
  if (!condition) throw new Error(`broken invariant: ${message}`);
}
