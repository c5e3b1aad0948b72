import type { RpcServerLimits } from "./limits.ts";
import type { Metadata } from "./metadata.ts";
import type { CallStatus } from "./status.ts";

/** A call as the server's log sees it when it has ended. */
export interface CallRecord {
  readonly method: string;
  readonly peer: string;
  readonly status: CallStatus["status"];
  readonly durationMs: number;
  readonly requestMetadata: Metadata;
  /** What the handler wanted told with the record. */
  readonly annotation: unknown;
  /** What the handler threw, or what ended the call otherwise. For local logs only. */
  readonly error?: unknown;
}

/** A call as its server tells it from others. */
export interface HostedCall {
  readonly method: string;
  readonly peer: string;
}

/** What a call needs of the server it belongs to. */
export interface CallHost {
  readonly limits: RpcServerLimits;
  onEnd(call: HostedCall, record: () => CallRecord): void;
  onHandlerStart(call: HostedCall): void;
  /** The handler has returned, which may be later than the end of the call. */
  onHandlerDone(call: HostedCall): void;
}
