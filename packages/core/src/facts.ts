import type { ErrorCode } from "./error-codes.ts";

/** What one fact can be. None is a secret: no private key, plaintext, passphrase or credential. */
export type FactValue = string | number | bigint | boolean | undefined | readonly string[];

/** The data of an error, by name. */
export type Facts = Readonly<Record<string, FactValue>>;

/** The facts of an error with this code: those of its row, or any where the code has none. */
export type FactsOf<Code extends ErrorCode> = FactsOfEach[Code];

// Looked up, not computed from Code, so that an error with one code is also an error with any.
type FactsOfEach = { readonly [Code in ErrorCode]: Code extends keyof FactsByCode ? FactsByCode[Code] : Facts };

/**
 * Where programs rely on an error's facts, their names and types; to make such an error with other facts does not compile.
 * A code gets its row when something reads its facts, not before.
 */
export interface FactsByCode {
  readonly "envelope.malformed": MalformedFacts;
  readonly "object.not_found": NotFoundFacts;
  readonly "key.unavailable": UnknownKeyFacts;
  readonly "ledger.wrong_network": { readonly expected: string; readonly actual: string };
  readonly "ledger.transaction_refused": TransactionFacts;
  readonly "ledger.transaction_failed": TransactionFacts;
  readonly "ledger.transaction_expired": TransactionFacts;
  readonly "ledger.sequence_mismatch": TransactionFacts;
  readonly "contract.failed": RuleFacts;
  readonly "state.conflict": ConflictFacts;
}

/** `problem` is one of the words of envelope's `ContainerProblem` or, in a store, of its `ReaderProblem`; `given` the number that was found in its place. */
export type MalformedFacts = {
  readonly problem?: string | undefined;
  readonly given?: number | undefined;
};

/** What was asked for: an object by its hash, by the beginning of one or, inside a store, by its uuid. */
export type NotFoundFacts = {
  readonly hash?: string | undefined;
  readonly beginning?: string | undefined;
  readonly uuid?: string | undefined;
};

/**
 * Whose key is missing, by name or by address (`missing` where there are several), the parties that are known; or which
 * file or variable should hold it.
 */
export type UnknownKeyFacts = {
  readonly party?: string | undefined;
  readonly missing?: readonly string[] | undefined;
  readonly parties?: readonly string[] | undefined;
  readonly address?: string | undefined;
  readonly path?: string | undefined;
  readonly variable?: string | undefined;
};

/** What the node said of a transaction: codespace, code and text, what kind of refusal that is, and what a sender can do. */
export type TransactionFacts = {
  readonly codespace?: string | undefined;
  readonly code?: number | undefined;
  readonly log?: string | undefined;
  /** build, simulate, check or deliver. */
  readonly phase?: string | undefined;
  /** A `TransactionErrorKind` of the chain client. */
  readonly kind?: string | undefined;
  /** A `RetryAdvice` of the chain client. */
  readonly retry?: string | undefined;
  /** Hexadecimal SHA-256 of the signed bytes, in capitals. */
  readonly hash?: string | undefined;
  readonly height?: bigint | undefined;
  readonly timeoutHeight?: bigint | undefined;
  readonly sequence?: bigint | undefined;
  /** The sequence the node expects, and the one it got. */
  readonly expected?: bigint | undefined;
  readonly got?: bigint | undefined;
  readonly missingAddresses?: readonly string[] | undefined;
  readonly missingRoles?: readonly string[] | undefined;
  readonly addresses?: readonly string[] | undefined;
  readonly ids?: readonly string[] | undefined;
};

/** The rule that does not hold and the field that broke it, where the contract's code named them. */
export type RuleFacts = {
  readonly rule?: string | undefined;
  readonly field?: string | undefined;
  /** The function of the contract. */
  readonly function?: string | undefined;
  /** Name and message of what was thrown in the sandbox. */
  readonly error?: string | undefined;
  readonly message?: string | undefined;
  /** Where in the source; or, for who has no source map, in the bundle. */
  readonly file?: string | undefined;
  readonly line?: number | undefined;
  readonly position?: string | undefined;
};

/** What was to be changed, the state it was expected in, and the one it was found in. */
export type ConflictFacts = {
  /** The scope that has changed. */
  readonly scope?: string | undefined;
  readonly execution?: string | undefined;
  readonly expected?: string | undefined;
  readonly found?: string | undefined;
};
