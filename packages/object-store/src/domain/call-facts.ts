/** What a call was about: for the access log and the byte counts. Filled in by its handler as it gets to know it. */
export interface CallFacts {
  /** Whose call it says it is: a put's owner, the reader of a get, whose mail; base64, as the store keeps keys. */
  key?: string;
  /** Base64. */
  hash?: string;
  /** The object's or the mail's id in this store. */
  uuid?: string;
  /** Where a registered key is served. */
  url?: string;
  /** Bytes of the object that came in. */
  receivedBytes: number;
  /** Bytes of objects that went out. */
  sentBytes: number;
  /** How many mails were handed out. */
  mails?: number;
}

/** Nothing known yet. */
export function newCallFacts(): CallFacts {
  return { receivedBytes: 0, sentBytes: 0 };
}

/** A call that has ended. */
export interface EndedCall {
  /** `/package.Service/Method` */
  readonly method: string;
  readonly peer: string;
  readonly status: string;
  readonly durationMs: number;
  /** From the trace header; empty when the caller sent none. */
  readonly traceId: string;
  /** The code of the error it ended with. */
  readonly errorCode: string | undefined;
  /** Absent where the call did not get as far as a handler that tells any. */
  readonly facts: CallFacts | undefined;
}

/** An object that was sent to another store, or was not. */
export interface EndedSend {
  readonly url: string;
  readonly objectUuid: string;
  readonly outcome: "delivered" | "peer_away" | "peer_refuses" | "object_refused" | "failed_here";
  readonly bytes: number;
  readonly durationMs: number;
}
