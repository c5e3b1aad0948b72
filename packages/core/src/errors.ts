/**
 * The one error type of p8e and the one table that gives every code its face on each wire.
 *
 * Callers and tests match on `code`, never on text. `facts` are data a program or a person can use (which object,
 * which party, which limit); no key, plaintext or credential may enter a message or a fact. `cause` is for local logs
 * and is never sent to a peer.
 */

export type GrpcStatus =
  | "CANCELLED"
  | "UNKNOWN"
  | "INVALID_ARGUMENT"
  | "DEADLINE_EXCEEDED"
  | "NOT_FOUND"
  | "ALREADY_EXISTS"
  | "PERMISSION_DENIED"
  | "RESOURCE_EXHAUSTED"
  | "FAILED_PRECONDITION"
  | "ABORTED"
  | "OUT_OF_RANGE"
  | "UNIMPLEMENTED"
  | "INTERNAL"
  | "UNAVAILABLE"
  | "DATA_LOSS"
  | "UNAUTHENTICATED";

/** How a code shows on gRPC, on HTTP, as a process exit code, and whether trying again can help. */
export interface WireStatus {
  readonly grpc: GrpcStatus;
  readonly http: number;
  readonly exit: number;
  readonly retry: boolean;
}

const badInput = { grpc: "INVALID_ARGUMENT", http: 400, exit: 2, retry: false } as const;
const notFound = { grpc: "NOT_FOUND", http: 404, exit: 10, retry: false } as const;
const denied = { grpc: "PERMISSION_DENIED", http: 403, exit: 12, retry: false } as const;
const refused = { grpc: "FAILED_PRECONDITION", http: 409, exit: 13, retry: false } as const;
const tooMuch = { grpc: "RESOURCE_EXHAUSTED", http: 413, exit: 14, retry: false } as const;
const dataLoss = { grpc: "DATA_LOSS", http: 500, exit: 20, retry: false } as const;
const broken = { grpc: "INTERNAL", http: 500, exit: 21, retry: false } as const;
const unavailable = { grpc: "UNAVAILABLE", http: 503, exit: 30, retry: true } as const;

/** Every code there is. A new one needs its line here and its section in docs/errors.md; a test holds the two together. */
export const wire = {
  // input from outside
  "input.invalid": badInput,
  "input.too_large": tooMuch,
  "bytes.invalid": badInput,
  "uuid.invalid": badInput,
  "hash.invalid": badInput,
  "name.invalid": badInput,
  "address.invalid": badInput,
  "configuration.invalid": { ...badInput, exit: 3 },
  // keys and envelopes
  "key.invalid": badInput,
  "key.unsupported_curve": badInput,
  "key.unavailable": notFound,
  "key.passphrase": denied,
  "envelope.malformed": badInput,
  "envelope.no_recipient": denied,
  "envelope.wrong_key": denied,
  "envelope.tampered": dataLoss,
  "envelope.too_large": tooMuch,
  "signature.invalid": dataLoss,
  "signature.missing": dataLoss,
  "signature.unexpected_signer": denied,
  // objects and stores
  "object.not_found": notFound,
  "object.hash_mismatch": dataLoss,
  "object.corrupt": dataLoss,
  "object.too_large": tooMuch,
  "object.refused": refused,
  "store.unavailable": unavailable,
  "store.maintenance": unavailable,
  "store.schema": { ...refused, exit: 3 },
  "store.storage": broken,
  "store.database": broken,
  // remote calls
  "rpc.unavailable": unavailable,
  "rpc.deadline": { grpc: "DEADLINE_EXCEEDED", http: 504, exit: 31, retry: true },
  "rpc.cancelled": { grpc: "CANCELLED", http: 499, exit: 130, retry: false },
  "rpc.protocol": { grpc: "INTERNAL", http: 502, exit: 21, retry: false },
  "rpc.unimplemented": { grpc: "UNIMPLEMENTED", http: 501, exit: 22, retry: false },
  "rpc.denied": denied,
  "rpc.not_found": notFound,
  "rpc.refused": refused,
  "rpc.exhausted": tooMuch,
  "rpc.data_loss": dataLoss,
  "rpc.failed": { grpc: "UNKNOWN", http: 502, exit: 21, retry: false },
  // ledger and chain
  "ledger.unavailable": unavailable,
  "ledger.wrong_network": refused,
  "ledger.unsupported_version": refused,
  "ledger.account_not_found": notFound,
  "ledger.not_found": notFound,
  "ledger.transaction_refused": refused,
  "ledger.transaction_failed": refused,
  "ledger.sequence_mismatch": { grpc: "ABORTED", http: 409, exit: 15, retry: true },
  "ledger.insufficient_funds": refused,
  "ledger.transaction_expired": { grpc: "DEADLINE_EXCEEDED", http: 504, exit: 31, retry: true },
  "ledger.journal_corrupt": dataLoss,
  // contracts and their execution
  "contract.invalid": badInput,
  "contract.build_failed": badInput,
  "contract.not_reproducible": refused,
  "contract.bundle_corrupt": dataLoss,
  "contract.not_published": notFound,
  "contract.failed": { grpc: "FAILED_PRECONDITION", http: 422, exit: 16, retry: false },
  "contract.out_of_fuel": { grpc: "RESOURCE_EXHAUSTED", http: 422, exit: 17, retry: false },
  "contract.out_of_memory": { grpc: "RESOURCE_EXHAUSTED", http: 422, exit: 17, retry: false },
  "contract.stack_overflow": { grpc: "RESOURCE_EXHAUSTED", http: 422, exit: 17, retry: false },
  "contract.output_too_large": { grpc: "RESOURCE_EXHAUSTED", http: 422, exit: 17, retry: false },
  "contract.no_authority": { grpc: "FAILED_PRECONDITION", http: 422, exit: 16, retry: false },
  "contract.timeout": { grpc: "DEADLINE_EXCEEDED", http: 504, exit: 31, retry: true },
  // sessions
  "session.invalid": badInput,
  "session.participant_missing": badInput,
  "session.input_missing": badInput,
  "session.record_missing": refused,
  "session.type_mismatch": badInput,
  "session.nothing_to_record": refused,
  "session.not_supported": { grpc: "UNIMPLEMENTED", http: 501, exit: 22, retry: false },
  "state.corrupt": dataLoss,
  // verification
  "verify.failed": dataLoss,
  // environment and process
  "environment.in_use": refused,
  "environment.not_running": unavailable,
  "environment.unsupported": refused,
  "process.failed": broken,
  "internal.unexpected": broken,
} as const satisfies Record<string, WireStatus>;

export type ErrorCode = keyof typeof wire;

export type FactValue = string | number | bigint | boolean | undefined | readonly string[];
export type Facts = Readonly<Record<string, FactValue>>;

export interface ErrorDetails {
  readonly facts?: Facts;
  readonly cause?: unknown;
  /** One sentence on what the reader can do about it. */
  readonly hint?: string;
}

export class P8eError extends Error {
  override readonly name = "P8eError";
  readonly code: ErrorCode;
  readonly facts: Facts;
  readonly hint: string | undefined;

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.facts = details.facts ?? {};
    this.hint = details.hint;
  }

  get status(): WireStatus {
    return wire[this.code];
  }

  /** The single gate from "anything thrown" to our error; what is already ours passes unchanged. */
  static from(thrown: unknown, code: ErrorCode = "internal.unexpected"): P8eError {
    if (isP8eError(thrown)) return thrown;
    if (isAbort(thrown)) return new P8eError("rpc.cancelled", "the operation was cancelled", { cause: thrown });
    const text = thrown instanceof Error ? thrown.message : String(thrown);
    return new P8eError(code, text, { cause: thrown });
  }
}

/** Works across copies of this package, unlike instanceof. */
export function isP8eError(value: unknown): value is P8eError {
  return (
    value instanceof P8eError ||
    (value instanceof Error && value.name === "P8eError" && typeof (value as { code?: unknown }).code === "string")
  );
}

export function isErrorCode(text: string): text is ErrorCode {
  return Object.hasOwn(wire, text);
}

function isAbort(value: unknown): boolean {
  return value instanceof Error && (value.name === "AbortError" || (value as { code?: unknown }).code === "ABORT_ERR");
}

/** For invariants of our own code: a failure here is a bug and must stop the process, not be handled. */
export function invariant(condition: unknown, message: string): asserts condition {
  if (!condition) throw new Error(`broken invariant: ${message}`);
}
