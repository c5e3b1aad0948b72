import { type ErrorCode, type ErrorDetails, type GrpcStatus, isErrorCode, isP8eError, P8eError } from "@p8e/core";

/**
 * gRPC statuses on the wire, and the way between them and P8eError.
 *
 * Sent: `grpc-status`, `grpc-message` and, so that our own peers get the stable code back, `p8e-code`. Causes and facts
 * stay here.
 */

/** Index = number on the wire. */
const NAMES = [
  "OK",
  "CANCELLED",
  "UNKNOWN",
  "INVALID_ARGUMENT",
  "DEADLINE_EXCEEDED",
  "NOT_FOUND",
  "ALREADY_EXISTS",
  "PERMISSION_DENIED",
  "RESOURCE_EXHAUSTED",
  "FAILED_PRECONDITION",
  "ABORTED",
  "OUT_OF_RANGE",
  "UNIMPLEMENTED",
  "INTERNAL",
  "UNAVAILABLE",
  "DATA_LOSS",
  "UNAUTHENTICATED",
] as const satisfies readonly ("OK" | GrpcStatus)[];

/** What a status means where the peer sent no code of ours (or one that we do not know). */
const codeByStatus: Record<GrpcStatus, ErrorCode> = {
  CANCELLED: "rpc.cancelled",
  UNKNOWN: "rpc.failed",
  INVALID_ARGUMENT: "input.invalid",
  DEADLINE_EXCEEDED: "rpc.deadline",
  NOT_FOUND: "rpc.not_found",
  ALREADY_EXISTS: "rpc.refused",
  PERMISSION_DENIED: "rpc.denied",
  RESOURCE_EXHAUSTED: "rpc.exhausted",
  FAILED_PRECONDITION: "rpc.refused",
  ABORTED: "rpc.refused",
  OUT_OF_RANGE: "rpc.refused",
  UNIMPLEMENTED: "rpc.unimplemented",
  INTERNAL: "rpc.failed",
  UNAVAILABLE: "rpc.unavailable",
  DATA_LOSS: "rpc.data_loss",
  UNAUTHENTICATED: "rpc.denied",
};

/** The header of our own that carries a P8eError's code beside the status. */
export const CODE_HEADER = "p8e-code";

const MESSAGE_CHARACTERS_MAX = 1024;
const ENCODED_MESSAGE_CHARACTERS_MAX = 4096;

/**
 * An error whose gRPC status and message reach the client exactly as given, whatever its code's own status is.
 *
 *     throw new RpcStatusError("INVALID_ARGUMENT", "Multipart upload is empty");
 *     throw new RpcStatusError("NOT_FOUND", 'NotFound("...")', { code: "object.not_found" });
 *
 * `facts.grpcStatus` holds the status. Without `code` the code follows from the status.
 */
export class RpcStatusError extends P8eError {
  readonly grpcStatus: GrpcStatus;

  constructor(status: GrpcStatus, message: string, details: ErrorDetails & { readonly code?: ErrorCode } = {}) {
    super(details.code ?? codeByStatus[status], message, {
      ...details,
      facts: { ...details.facts, grpcStatus: status },
    });
    this.grpcStatus = status;
  }
}

/** How a call ended, as the server says it. */
export interface CallStatus {
  readonly status: "OK" | GrpcStatus;
  readonly message: string;
  readonly code?: ErrorCode;
}

/** What anything thrown by a handler becomes on the wire. Only what is ours and meant for others is told in words. */
export function statusOf(thrown: unknown): CallStatus {
  if (thrown instanceof RpcStatusError) {
    return { status: thrown.grpcStatus, message: thrown.message, code: thrown.code };
  }
  // internal.unexpected wraps the text of foreign errors, which may name paths or statements.
  if (!isP8eError(thrown) || thrown.code === "internal.unexpected") {
    return { status: "INTERNAL", message: "the server failed to answer this call", code: "internal.unexpected" };
  }
  // A code of another version of core: gRPC calls a status UNKNOWN that is of an error space unknown here.
  const status = isErrorCode(thrown.code) ? thrown.status.grpc : "UNKNOWN";
  return { status, message: thrown.message, code: thrown.code };
}

/** The trailing headers for a status. */
export function statusHeaders(end: CallStatus): Record<string, string> {
  const headers: Record<string, string> = { "grpc-status": String(NAMES.indexOf(end.status)) };
  if (end.message !== "") headers["grpc-message"] = encodeStatusMessage(end.message);
  if (end.code !== undefined) headers[CODE_HEADER] = end.code;
  return headers;
}

/** Which call an error is of: its method, and the peer as `host:port`. */
export interface CallPlace {
  /** `/package.Service/Method` */
  readonly method: string;
  readonly peer: string;
}

/**
 * Reads the status out of trailing headers: undefined for OK and for headers without a status (`hasStatus` tells which),
 * else the error. A code of ours that the peer names is taken over when we know it.
 */
export function errorOf(headers: Headers, place: CallPlace): P8eError | undefined {
  const text = single(headers["grpc-status"]) ?? "";
  const number = /^\d{1,3}$/.test(text) ? Number(text) : 2;
  if (number === 0) return undefined;
  const named = NAMES[number];
  const status: GrpcStatus = named === undefined || named === "OK" ? "UNKNOWN" : named;
  const message = decodeStatusMessage(single(headers["grpc-message"]) ?? "");
  const claimed = single(headers[CODE_HEADER]) ?? "";
  const code = isErrorCode(claimed) ? claimed : codeByStatus[status];
  return remoteError(status, message, place, code);
}

type Headers = Readonly<Record<string, string | readonly string[] | undefined>>;

/** Whether headers carry a gRPC status: without one the peer, or somebody on the way, has ended the call without an answer. */
export function hasStatus(headers: Headers): boolean {
  return headers["grpc-status"] !== undefined;
}

/** An error that the other side has answered: facts name its status and message, method and peer. */
function remoteError(status: GrpcStatus, message: string, place: CallPlace, code: ErrorCode): P8eError {
  const text = printable(message).slice(0, MESSAGE_CHARACTERS_MAX);
  return new P8eError(code, text === "" ? `the peer answered ${status}` : text, {
    facts: { grpcStatus: status, grpcMessage: text, method: place.method, peer: place.peer },
  });
}

/**
 * An error for a call that ended without a gRPC status: the code is that of the status that stands for such an end,
 * the facts name method and peer alone. Nothing is known of what the peer thinks of the request.
 */
export function unansweredError(
  status: GrpcStatus,
  message: string,
  place: CallPlace,
  details: { readonly cause?: unknown } = {},
): P8eError {
  return new P8eError(codeByStatus[status], message, { ...details, facts: { ...place } });
}

/** The status for an answer that is HTTP but not gRPC (a proxy's, for example), by gRPC's own mapping. */
export function statusOfHttp(httpStatus: number): GrpcStatus {
  if (httpStatus === 400) return "INTERNAL";
  if (httpStatus === 401) return "UNAUTHENTICATED";
  if (httpStatus === 403) return "PERMISSION_DENIED";
  if (httpStatus === 404) return "UNIMPLEMENTED";
  if (httpStatus === 429 || (httpStatus >= 502 && httpStatus <= 504)) return "UNAVAILABLE";
  return "UNKNOWN";
}

/**
 * grpc-message: UTF-8, everything but printable ASCII and every `%` as `%XX`. Cut to 1,024 characters, and to 4,096
 * when encoded, since peers take 8 KiB of headers at least.
 */
export function encodeStatusMessage(message: string): string {
  const cut = message.slice(0, MESSAGE_CHARACTERS_MAX);
  if (/^[ -$&-~]*$/.test(cut)) return cut;
  let text = "";
  for (const byte of Buffer.from(cut, "utf8")) {
    const plain = byte >= 0x20 && byte <= 0x7e && byte !== 0x25;
    text += plain ? String.fromCharCode(byte) : `%${byte.toString(16).toUpperCase().padStart(2, "0")}`;
    if (text.length >= ENCODED_MESSAGE_CHARACTERS_MAX) break;
  }
  return text;
}

/** Never fails: what is not valid percent-encoding stays as it is, what is not UTF-8 becomes U+FFFD. */
export function decodeStatusMessage(text: string): string {
  if (!text.includes("%")) return text;
  const bytes: number[] = [];
  for (let at = 0; at < text.length; at++) {
    const hex = text[at] === "%" ? text.slice(at + 1, at + 3) : "";
    if (/^[0-9a-fA-F]{2}$/.test(hex)) {
      bytes.push(Number.parseInt(hex, 16));
      at += 2;
    } else {
      bytes.push(text.charCodeAt(at) & 0xff);
    }
  }
  return Buffer.from(bytes).toString("utf8");
}

/** A peer's words go to terminals and logs: no control characters but line feed and tab. */
function printable(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  return text.replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, "\ufffd");
}

function single(value: string | readonly string[] | undefined): string | undefined {
  return typeof value === "string" ? value : value?.[0];
}
