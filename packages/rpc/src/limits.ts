/** Bounds of a connection. Every one has a default that suits an object store on a network one does not control. */
export interface RpcLimits {
  /** Largest message received; RESOURCE_EXHAUSTED above. */
  readonly messageBytes: number;
  /** Largest header list received. */
  readonly headerListBytes: number;
  /** What a peer may send on one stream before it has to wait for the reader. Large puts need far more than HTTP's 64 KiB. */
  readonly streamWindowBytes: number;
  /** The same for all streams of a connection together. */
  readonly sessionWindowBytes: number;
  /**
   * What one connection may hold in queues; new streams are refused above. A connection on which half of it has been lost
   * to resets (see Wear) is replaced.
   */
  readonly sessionMemoryBytes: number;
  /** A ping goes out this often while calls are open. */
  readonly keepAliveMs: number;
  /** A ping without an answer for this long ends the connection. */
  readonly keepAliveTimeoutMs: number;
  /** A connection without a call for this long is closed. */
  readonly idleSessionMs: number;
}

/** What a server bounds beside: connections, streams, and how long a peer may keep it waiting, in milliseconds. */
export interface RpcServerLimits extends RpcLimits {
  readonly sessions: number;
  readonly streamsPerSession: number;
  /** From the TCP connection to HTTP/2 settings (TLS handshake included). */
  readonly handshakeMs: number;
  /** From a call's headers to the end of its single request message. */
  readonly requestMs: number;
  /** A stream whose peer owes us a message, or does not read ours, for this long is ended. */
  readonly stalledStreamMs: number;
  /** Streams a peer may reset at once, and per second after that. */
  readonly resetBurst: number;
  readonly resetsPerSecond: number;
}

/** What a client bounds beside. */
export interface RpcClientLimits extends RpcLimits {
  /** From opening the connection to HTTP/2 being ready. */
  readonly connectMs: number;
}

const MEBIBYTE = 1024 * 1024;

const defaults: RpcLimits = {
  messageBytes: 4 * MEBIBYTE,
  headerListBytes: 16 * 1024,
  streamWindowBytes: MEBIBYTE,
  sessionWindowBytes: MEBIBYTE,
  sessionMemoryBytes: 256 * MEBIBYTE,
  keepAliveMs: 60_000,
  keepAliveTimeoutMs: 30_000,
  idleSessionMs: 30 * 60_000,
};

/** A server's bounds: the given ones, the defaults for the rest. */
export function serverLimits(given: Partial<RpcServerLimits> = {}): RpcServerLimits {
  return {
    ...defaults,
    sessions: 1024,
    streamsPerSession: 128,
    handshakeMs: 10_000,
    requestMs: 60_000,
    stalledStreamMs: 120_000,
    resetBurst: 1000,
    resetsPerSecond: 33,
    ...given,
  };
}

/** A client's bounds: the given ones, the defaults for the rest. */
export function clientLimits(given: Partial<RpcClientLimits> = {}): RpcClientLimits {
  return { ...defaults, idleSessionMs: 5 * 60_000, connectMs: 10_000, ...given };
}

/** The options of node:http2 that both sides share. */
export function http2Options(limits: RpcLimits) {
  return {
    maxSessionMemory: Math.max(1, Math.round(limits.sessionMemoryBytes / 1_000_000)),
    maxHeaderListPairs: 128,
    // Metadata may have several values under any name.
    strictSingleValueFields: false,
    settings: {
      initialWindowSize: limits.streamWindowBytes,
      maxHeaderListSize: limits.headerListBytes,
    },
  };
}
