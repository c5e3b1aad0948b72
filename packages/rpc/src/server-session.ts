import type { ServerHttp2Session } from "node:http2";
import { constants } from "node:http2";
import type { Socket } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { P8eError } from "@p8e/core";
import { KeepAlive } from "./keep-alive.ts";
import type { RpcServerLimits } from "./limits.ts";
import type { ServerCall } from "./server-call.ts";
import { hostAndPort } from "./url.ts";
import { Wear } from "./wear.ts";

/** A connection to the server, as its owner may watch it. */
export interface RpcSession {
  /** The client's `address:port`. */
  readonly peer: string;
  readonly encrypted: boolean;
  /** Resolves when the connection is gone. */
  readonly closed: Promise<void>;
  /** Cuts the connection, and every call on it. */
  destroy(): void;
}

/** How long a client may take to learn, by a round trip, that no new calls are taken. */
const GOAWAY_ROUND_TRIP_MS = 1000;

const CLOSE_MS = 5000;

/** Streams a client may still have opened before it heard of the GOAWAY; 2^31 - 1 rules out none. */
const ANY_STREAM = 2 ** 31 - 1;

/** One client's connection: its calls, and the clocks that end it (handshake, idleness, keep-alive). */
export class ServerSession implements RpcSession {
  readonly peer: string;
  readonly encrypted: boolean;
  readonly closed: Promise<void>;
  readonly calls = new Set<ServerCall>();
  readonly #session: ServerHttp2Session;
  readonly #socket: Socket;
  readonly #limits: RpcServerLimits;
  readonly #keepAlive: KeepAlive;
  readonly #wear: Wear;
  readonly #openedAt = performance.now();
  #ready = false;
  #used = false;
  #busyAt = performance.now();
  #endingSince = 0;

  /** `socket` is the session's: node gives no way to cut it through the session. */
  constructor(session: ServerHttp2Session, socket: Socket, limits: RpcServerLimits) {
    this.#session = session;
    this.#socket = socket;
    this.#limits = limits;
    this.#keepAlive = new KeepAlive(session, limits);
    this.#wear = new Wear(limits);
    this.peer = hostAndPort(socket.remoteAddress ?? "", socket.remotePort ?? 0);
    this.encrypted = session.encrypted === true;
    this.closed = new Promise((resolve) => session.once("close", () => resolve()));
    session.setLocalWindowSize(limits.sessionWindowBytes);
    session.once("remoteSettings", () => {
      this.#ready = true;
    });
  }

  /** HTTP/2 is over; the socket may still wait for the client to close its side. */
  get ended(): boolean {
    return this.#session.destroyed;
  }

  destroy(): void {
    this.#session.destroy();
    this.#socket.destroy();
  }

  /** Whether a call was ever opened here; without one it may have been anybody who looked whether somebody listens. */
  get used(): boolean {
    return this.#used;
  }

  callOpened(call: ServerCall): void {
    this.#used = true;
    this.calls.add(call);
  }

  /** A session that is worn by calls that were reset is drained. */
  callClosed(call: ServerCall): void {
    this.calls.delete(call);
    if (this.#wear.worn) return;
    this.#wear.add(call.unsentBytes);
    if (this.#wear.worn) void this.drain();
  }

  tick(now: number): void {
    for (const call of this.calls) call.checkStalled(now);
    const busy = this.calls.size > 0;
    if (busy) this.#busyAt = now;
    if (this.#session.destroyed) this.#endingSince ||= now;
    // A session that has ended waits for the client to close its side; not for ever.
    if (this.#endingSince !== 0 && now - this.#endingSince > CLOSE_MS) this.destroy();
    else if (!this.#ready && now - this.#openedAt > this.#limits.handshakeMs) this.destroy();
    else if (!this.#keepAlive.tick(now, busy)) this.destroy();
    else if (!busy && now - this.#busyAt > this.#limits.idleSessionMs) this.#session.close();
  }

  /**
   * Tells the client to open no more calls, lets those it already sent in, and closes when all have ended.
   * Once a GOAWAY is out and no stream is open, nghttp2 reads no further; a session without calls is closed at once.
   */
  async drain(): Promise<void> {
    const session = this.#session;
    let heard = this.calls.size === 0;
    if (!heard && !session.destroyed && !session.closed) {
      session.goaway(constants.NGHTTP2_NO_ERROR, ANY_STREAM);
      // The answer to this ping comes after every call that was sent before the client knew.
      session.ping(() => {
        heard = true;
      });
    }
    const end = performance.now() + GOAWAY_ROUND_TRIP_MS;
    while (!heard && this.calls.size > 0 && !session.destroyed && performance.now() < end) await delay(5);
    if (!session.destroyed && !session.closed) session.close();
  }

  /** Ends every call that is still open with UNAVAILABLE, takes no new one and closes. */
  shut(): void {
    for (const call of this.calls) call.fail(new P8eError("rpc.unavailable", "the server is shutting down"));
    if (!this.#session.destroyed && !this.#session.closed) this.#session.close();
  }
}
