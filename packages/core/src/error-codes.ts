/**
 * The one table that gives every error code its face on each wire. Programs and tests match on codes, never on text.
 */

/** The names of gRPC's statuses, OK apart. */
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
  "hash.ambiguous": badInput,
  "name.invalid": badInput,
  "address.invalid": badInput,
  "configuration.invalid": { ...badInput, exit: 3 },
  // keys and envelopes
  "key.invalid": badInput,
  "key.unsupported_curve": badInput,
  "key.unavailable": notFound,
  "key.passphrase": denied,
  "key.exposed": denied,
  "key.exists": refused,
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
  "backup.incomplete": dataLoss,
  "backup.not_empty": refused,
  // remote calls
  "rpc.unavailable": unavailable,
  "rpc.tls": { grpc: "UNAVAILABLE", http: 502, exit: 32, retry: false },
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
  "ledger.fee_ceiling": refused,
  "ledger.transaction_expired": { grpc: "DEADLINE_EXCEEDED", http: 504, exit: 31, retry: true },
  "ledger.journal_corrupt": dataLoss,
  "ledger.journal_version": refused,
  // contracts and their execution
  "contract.invalid": badInput,
  "contract.build_failed": badInput,
  "contract.not_reproducible": refused,
  "contract.bundle_corrupt": dataLoss,
  "contract.not_published": notFound,
  "contract.breaking": { ...refused, exit: 1 },
  "contract.failed": { grpc: "FAILED_PRECONDITION", http: 422, exit: 16, retry: false },
  "contract.metering_differs": { grpc: "FAILED_PRECONDITION", http: 409, exit: 17, retry: false },
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
  "session.price_exceeded": refused,
  "session.not_found": notFound,
  "session.differs": dataLoss,
  "session.result_differs": { grpc: "FAILED_PRECONDITION", http: 409, exit: 17, retry: false },
  "session.foreign_signer": denied,
  "session.grant_missing": refused,
  "session.unapproved": denied,
  "session.leave_unchecked": unavailable,
  "session.approvers_missing": refused,
  "session.rejected": refused,
  "session.expired": refused,
  "session.cancelled": refused,
  "session.too_late": refused,
  "session.not_supported": { grpc: "UNIMPLEMENTED", http: 501, exit: 22, retry: false },
  "state.corrupt": dataLoss,
  "state.newer": { ...refused, exit: 3 },
  "state.foreign": { ...refused, exit: 3 },
  "state.conflict": { grpc: "ABORTED", http: 409, exit: 18, retry: true },
  // scopes
  "scope.incomplete": notFound,
  // verification
  "verify.failed": dataLoss,
  "verify.not_shown": denied,
  "verify.unchecked": { grpc: "FAILED_PRECONDITION", http: 422, exit: 22, retry: false },
  // environment and process
  "environment.in_use": refused,
  "environment.not_running": unavailable,
  "environment.unsupported": refused,
  "process.failed": broken,
  "internal.unexpected": broken,
} as const satisfies Record<string, WireStatus>;

/** One of the codes of {@link wire}. */
export type ErrorCode = keyof typeof wire;

/** Whether a text, a peer's for example, is a code of this table. */
export function isErrorCode(text: string): text is ErrorCode {
  return Object.hasOwn(wire, text);
}
