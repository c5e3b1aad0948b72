import type { IncomingHttpHeaders, ServerHttp2Session, ServerHttp2Stream } from "node:http2";
import { constants, createSecureServer, createServer } from "node:http2";
import { type AddressInfo, Server as NetServer, type Socket } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { invariant, isP8eError, P8eError } from "@p8e/core";
import type { CallHost, CallRecord, HostedCall } from "./call-host.ts";
import { http2Options, type RpcServerLimits, serverLimits } from "./limits.ts";
import { ServerCall } from "./server-call.ts";
import { type RpcSession, ServerSession } from "./server-session.ts";
import type { Route } from "./service.ts";
import { RpcStatusError } from "./status.ts";
import { type ServerTls, serverTlsOptions } from "./tls.ts";
import { hostAndPort } from "./url.ts";

/** A failure that a client is told nothing about: of a handler (`call.failed`, with its method) or of a connection. */
export interface RpcLogEntry {
  readonly event: "call.failed" | "session.failed";
  readonly peer: string;
  readonly method?: string;
  readonly error: unknown;
}

/** Where a server listens, what it answers, and who hears of it. */
export interface RpcServerOptions {
  /** Address to listen on; 127.0.0.1 by default. */
  readonly host?: string;
  /** 0 picks a free port. */
  readonly port: number;
  /** From service() and handle(); a later route takes the place of an earlier one for the same path. */
  readonly services: readonly (readonly Route[])[];
  /** The sentence for a path that no route answers. */
  readonly unknownMethod?: (path: string) => string;
  readonly limits?: Partial<RpcServerLimits>;
  /** Without it the server speaks plaintext HTTP/2. */
  readonly tls?: ServerTls;
  readonly onSession?: (session: RpcSession) => void;
  /** Called at the end of every call that had a path to go to. */
  readonly onCall?: (record: CallRecord) => void;
  /** Failures that a client is told nothing about. Neither clients that are gone nor probes of the port are among them. */
  readonly log?: (entry: RpcLogEntry) => void;
}

/** A server that listens. Disposing of it ends what is left at once. */
export interface RpcServer extends AsyncDisposable {
  /** `host:port` */
  readonly address: string;
  readonly port: number;
  /**
   * Gives a server with TLS another certificate, key and authorities for every connection from now on; those that are
   * open stay. Throws configuration.invalid, and changes nothing, where they cannot be used, on a server without TLS,
   * and where the old settings ask clients for certificates and the new do not, or the other way round: that needs a
   * restart.
   */
  replaceTls(tls: ServerTls): void;
  /**
   * Stops listening, tells every client to open no more calls, lets open calls finish for `graceMs` milliseconds, then
   * ends what is left with UNAVAILABLE and closes every connection. Resolves when all handlers have returned, or a
   * second after the last connection was closed. Disposing is drain(0).
   */
  drain(graceMs: number): Promise<void>;
}

/** How long the last statuses may take to leave, and the handlers to return, when the grace is over. */
const SETTLE_MS = 1000;
const LINGER_MS = 50;

/**
 * Starts a gRPC server. Rejects with rpc.unavailable when the address cannot be listened on, with configuration.invalid
 * when its TLS settings are none.
 */
export async function startRpcServer(options: RpcServerOptions): Promise<RpcServer> {
  const server = new Http2RpcServer(options);
  await server.listen(options.host ?? "127.0.0.1", options.port);
  return server;
}

class Http2RpcServer implements RpcServer, CallHost {
  readonly limits: RpcServerLimits;
  readonly #server: ReturnType<typeof createServer> | ReturnType<typeof createSecureServer>;
  readonly #routes = new Map<string, Route>();
  readonly #sessions = new Map<ServerHttp2Session, ServerSession>();
  /** Also those that have not got as far as a session. */
  readonly #sockets = new Set<Socket>();
  #accepted: Socket | undefined;
  readonly #running = new Set<HostedCall>();
  readonly #options: RpcServerOptions;
  readonly #clock: NodeJS.Timeout;
  #whenIdle: (() => void) | undefined;
  #draining: Promise<void> | undefined;
  address = "";
  port = 0;

  constructor(options: RpcServerOptions) {
    this.#options = options;
    this.limits = serverLimits(options.limits);
    for (const route of options.services.flat()) this.#routes.set(route.method.path, route);
    this.#server = this.#create();
    // Refused at the socket, before anything is allocated for it.
    this.#server.maxConnections = this.limits.sessions;
    this.#server.on("connection", (socket: Socket) => {
      this.#sockets.add(socket);
      socket.on("close", () => this.#sockets.delete(socket));
      socket.setKeepAlive(true, this.limits.keepAliveMs);
    });
    // node emits "session" from within the event that brings the socket it runs on.
    this.#server.prependListener(options.tls === undefined ? "connection" : "secureConnection", (socket: Socket) => {
      this.#accepted = socket;
    });
    this.#server.on("session", (session: ServerHttp2Session) => this.#onSession(session));
    this.#server.on(
      "stream",
      (stream: ServerHttp2Stream, headers: IncomingHttpHeaders, _flags: number, raw: string[]) =>
        this.#onStream(stream, headers, raw),
    );
    this.#server.on("sessionError", (error: unknown, session: ServerHttp2Session) => {
      const known = this.#sessions.get(session);
      if (known?.used && !isDeparture(error)) options.log?.({ event: "session.failed", peer: known.peer, error });
    });
    const { handshakeMs, requestMs, stalledStreamMs, keepAliveMs, keepAliveTimeoutMs, idleSessionMs } = this.limits;
    const shortest = Math.min(handshakeMs, requestMs, stalledStreamMs, keepAliveMs, keepAliveTimeoutMs, idleSessionMs);
    this.#clock = setInterval(() => this.#tick(), Math.min(1000, Math.max(10, shortest / 4)));
    this.#clock.unref();
  }

  #create() {
    const { limits } = this;
    const shared = http2Options(limits);
    const settings = { ...shared.settings, maxConcurrentStreams: limits.streamsPerSession };
    const resets = { streamResetBurst: limits.resetBurst, streamResetRate: limits.resetsPerSecond };
    const common = { ...shared, settings, ...resets, unknownProtocolTimeout: 1000 };
    const { tls } = this.#options;
    if (tls === undefined) return createServer(common);
    return createSecureServer({
      ...common,
      ...serverTlsOptions(tls),
      requestCert: tls.clientAuthorities !== undefined,
      rejectUnauthorized: tls.clientAuthorities !== undefined,
      handshakeTimeout: limits.handshakeMs,
    });
  }

  async listen(host: string, port: number): Promise<void> {
    const server = this.#server;
    try {
      await new Promise<void>((resolve, reject) => {
        server.once("error", reject);
        server.listen({ host, port }, () => {
          server.off("error", reject);
          resolve();
        });
      });
    } catch (cause) {
      clearInterval(this.#clock);
      const place = hostAndPort(host, port);
      const hint = whyNotHeard[String((cause as NodeJS.ErrnoException).code)];
      throw new P8eError("rpc.unavailable", `cannot listen on ${place}`, { cause, facts: { address: place }, hint });
    }
    server.on("error", (error: unknown) => this.#options.log?.({ event: "session.failed", peer: "", error }));
    const bound = server.address() as AddressInfo;
    this.port = bound.port;
    this.address = hostAndPort(bound.address, bound.port);
  }

  #onSession(http2: ServerHttp2Session): void {
    const socket = this.#accepted;
    invariant(socket !== undefined, "a session begins with a socket");
    const session = new ServerSession(http2, socket, this.limits);
    this.#sessions.set(http2, session);
    http2.on("close", () => this.#sessions.delete(http2));
    this.#options.onSession?.(session);
  }

  #onStream(stream: ServerHttp2Stream, headers: IncomingHttpHeaders, rawHeaders: readonly string[]): void {
    const session = stream.session === undefined ? undefined : this.#sessions.get(stream.session as ServerHttp2Session);
    const refusal = listBytes(rawHeaders) > this.limits.headerListBytes ? 431 : refusalOf(headers);
    if (session === undefined || stream.destroyed || refusal !== undefined) {
      refuse(stream, refusal ?? 503);
      return;
    }
    const call = new ServerCall(this, session.peer, stream, headers, rawHeaders);
    session.callOpened(call);
    stream.on("close", () => session.callClosed(call));
    const route = this.#routes.get(call.method);
    if (route === undefined) {
      const sentence = this.#options.unknownMethod?.(call.method) ?? "this server has no such method";
      call.fail(new RpcStatusError("UNIMPLEMENTED", sentence));
      return;
    }
    call.run(route, String(headers["grpc-encoding"] ?? "identity"));
  }

  onEnd(call: HostedCall, record: () => CallRecord): void {
    const { onCall, log } = this.#options;
    if (onCall === undefined && log === undefined) return;
    const ended = record();
    onCall?.(ended);
    if (ended.error !== undefined && (!isP8eError(ended.error) || ended.error.code === "internal.unexpected")) {
      log?.({ event: "call.failed", peer: call.peer, method: call.method, error: ended.error });
    }
  }

  onHandlerStart(call: HostedCall): void {
    this.#running.add(call);
  }

  onHandlerDone(call: HostedCall): void {
    this.#running.delete(call);
    if (this.#running.size === 0) this.#whenIdle?.();
  }

  #tick(): void {
    const now = performance.now();
    for (const session of this.#sessions.values()) session.tick(now);
  }

  replaceTls(tls: ServerTls): void {
    const before = this.#options.tls;
    if (before === undefined || !("setSecureContext" in this.#server)) {
      throw new P8eError("configuration.invalid", "this server was started without TLS");
    }
    if ((before.clientAuthorities === undefined) !== (tls.clientAuthorities === undefined)) {
      throw new P8eError("configuration.invalid", "whether clients need a certificate cannot change while serving");
    }
    this.#server.setSecureContext(serverTlsOptions(tls));
  }

  drain(graceMs: number): Promise<void> {
    this.#draining ??= this.#drain(graceMs);
    return this.#draining;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.drain(0);
  }

  async #drain(graceMs: number): Promise<void> {
    // The HTTP/2 server's own close() would also close every session, and refuse calls that are on their way.
    const stopped = new Promise<void>((resolve) => NetServer.prototype.close.call(this.#server, () => resolve()));
    if (graceMs > 0) {
      for (const session of this.#sessions.values()) void session.drain();
      await this.#untilEnded(graceMs);
    }
    for (const session of this.#sessions.values()) session.shut();
    await this.#untilEnded(SETTLE_MS);
    // What was written last is on its way; a client that has not closed its side by then is not waited for.
    await within(LINGER_MS, Promise.all([...this.#sessions.values()].map((session) => session.closed)));
    for (const session of this.#sessions.values()) session.destroy();
    for (const socket of this.#sockets) socket.destroy();
    await within(SETTLE_MS, stopped);
    clearInterval(this.#clock);
    if (this.#running.size === 0) return;
    const idle = new Promise<void>((resolve) => {
      this.#whenIdle = resolve;
    });
    await within(SETTLE_MS, idle);
  }

  async #untilEnded(milliseconds: number): Promise<void> {
    const end = performance.now() + milliseconds;
    while (performance.now() < end && [...this.#sessions.values()].some((session) => !session.ended)) {
      await delay(Math.min(10, milliseconds));
    }
  }
}

const whyNotHeard: Readonly<Record<string, string>> = {
  EADDRINUSE: "Another program listens there: stop it, or choose another port.",
  EADDRNOTAVAIL: "This machine has no such address.",
  EACCES: "The system does not let this user listen there: ports below 1024 are usually reserved.",
};

/** A client that is gone says nothing of this server; the calls that it had end as cancelled. */
function isDeparture(error: unknown): boolean {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  return code === "ECONNRESET" || code === "EPIPE" || code === "ETIMEDOUT";
}

async function within(milliseconds: number, work: Promise<unknown>): Promise<void> {
  const timer = new AbortController();
  await Promise.race([work, delay(milliseconds, undefined, { signal: timer.signal }).catch(() => {})]);
  timer.abort();
}

/**
 * The size of a header list as HTTP/2 counts it. node:http2 holds a peer to the announced limit only once the peer has
 * acknowledged it; until then it takes any list that fits into a block.
 */
function listBytes(rawHeaders: readonly string[]): number {
  const entries = rawHeaders.length / 2;
  return rawHeaders.reduce((sum, text) => sum + Buffer.byteLength(text, "latin1"), entries * 32);
}

/** The HTTP status for what is no gRPC call; undefined for what is one. */
function refusalOf(headers: IncomingHttpHeaders): number | undefined {
  // Only browsers send these. Nothing in a web page may talk to us, whatever content type it claims.
  if (headers["origin"] !== undefined || headers["sec-fetch-site"] !== undefined) return 403;
  if (headers[":method"] !== "POST") return 405;
  const type = headers["content-type"] ?? "";
  if (type !== "application/grpc" && !/^application\/grpc(\+proto)?(;|$)/i.test(type)) return 415;
  return undefined;
}

function refuse(stream: ServerHttp2Stream, status: number): void {
  stream.on("error", () => {});
  if (stream.destroyed || stream.closed) return;
  stream.respond({ ":status": status }, { endStream: true });
  stream.close(constants.NGHTTP2_NO_ERROR);
}
