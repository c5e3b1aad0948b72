import { lookup } from "node:dns";
import { type ClientHttp2Session, connect } from "node:http2";
import { connect as connectTcp, isIP, type LookupFunction, type Socket } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { connect as connectTls } from "node:tls";
import { isP8eError, P8eError } from "@p8e/core";
import { KeepAlive } from "./keep-alive.ts";
import { http2Options, type RpcClientLimits } from "./limits.ts";
import { type ClientTlsSource, clientTlsOptions, tlsError } from "./tls.ts";
import { hostAndPort, type PeerAddress } from "./url.ts";
import { Wear } from "./wear.ts";

const CLOSE_MS = 5000;
const LINGER_MS = 50;

interface FailableCall {
  fail(error: unknown): void;
}

/** Why an IP address must not be connected to; undefined when it may. */
export type AddressRule = (address: string) => string | undefined;

/** A session that calls may be opened on. */
export interface OpenSession {
  readonly http2: ClientHttp2Session;
  readonly socket: Socket;
  /** Calls open on it; each adds itself. */
  readonly calls: Set<FailableCall>;
  /** Called by a call when it has closed, with what node has of it and never passed on (see Wear). */
  readonly closed: (call: FailableCall, lostBytes: number) => void;
  readonly wear: Wear;
  /** What broke it, once it is broken. */
  failure: unknown;
}

/**
 * The one connection of a client. States: none → `opening` → `open` → none (lost, idle or told to go away) → `opening`…
 * It is opened by the first call that needs it and never by itself; a failed attempt fails the calls that waited for
 * it, and the next call tries again. When to call again is the caller's to decide. A session that was told to go away
 * carries its open calls to their end beside its successor, and so does one that is worn by calls that were reset.
 */
export class ClientConnection {
  /** `host:port` */
  readonly target: string;
  readonly #address: PeerAddress;
  readonly #tls: ClientTlsSource;
  readonly #limits: RpcClientLimits;
  readonly #refusesAddress: AddressRule | undefined;
  readonly #sessions = new Set<OpenSession>();
  #opening: Promise<OpenSession> | undefined;
  #open: OpenSession | undefined;
  #disposed = false;

  constructor(address: PeerAddress, tls: ClientTlsSource, limits: RpcClientLimits, refusesAddress?: AddressRule) {
    this.#address = address;
    this.#tls = tls;
    this.#limits = limits;
    this.#refusesAddress = refusesAddress;
    this.target = hostAndPort(address.host, address.port);
  }

  /** The open session at once, or a promise of one. Throws or rejects with rpc.unavailable; rpc.cancelled once disposed. */
  session(): OpenSession | Promise<OpenSession> {
    if (this.#disposed) throw this.#error("rpc.cancelled", "the client is closed");
    const open = this.#open;
    if (open !== undefined && !open.wear.worn && !open.http2.closed && !open.http2.destroyed) return open;
    this.#opening ??= this.#connect().finally(() => {
      this.#opening = undefined;
    });
    return this.#opening;
  }

  /** Ends the connection; calls still open on it fail. */
  async dispose(): Promise<void> {
    this.#disposed = true;
    const ending = [...this.#sessions].map(async ({ http2, socket, calls }) => {
      for (const call of calls) call.fail(this.#error("rpc.cancelled", "the client was closed"));
      const closed = new Promise<void>((resolve) => http2.once("close", () => resolve()));
      http2.destroy();
      // The last frames are on their way; a peer that does not close its side is not waited for.
      await Promise.race([closed, delay(LINGER_MS)]);
      socket.destroy();
      await Promise.race([closed, delay(LINGER_MS)]);
    });
    await Promise.all(ending);
  }

  async #connect(): Promise<OpenSession> {
    const { tls } = this.#address;
    const { host, port, lookup = undefined } = { ...this.#address, ...this.#allowed() };
    if (!tls) return this.#start(connectTcp({ host, port, lookup }));
    const settings = clientTlsOptions(host, typeof this.#tls === "function" ? await this.#tls() : this.#tls);
    if (this.#disposed) throw this.#error("rpc.cancelled", "the client was closed");
    return this.#start(connectTls({ host, port, lookup, ...settings }));
  }

  /** The lookup that leaves out the addresses that the rule refuses; a host that is an address is never looked up. */
  #allowed(): { readonly lookup?: LookupFunction } {
    const refuses = this.#refusesAddress;
    if (refuses === undefined) return {};
    const { host } = this.#address;
    if (isIP(host) !== 0) {
      const problem = refuses(host);
      if (problem !== undefined) throw this.#refused(host, problem);
      return {};
    }
    return {
      lookup: (name, options, callback) => {
        lookup(name, { ...options, all: true }, (error, found) => {
          const allowed = error === null ? found.filter(({ address }) => refuses(address) === undefined) : [];
          const first = allowed[0];
          if (error !== null) callback(error, []);
          else if (first === undefined) {
            const address = found[0]?.address ?? "";
            callback(this.#refused(address, refuses(address) ?? "it has no address"), []);
          } else if (options.all === true) callback(null, allowed);
          else callback(null, first.address, first.family);
        });
      },
    };
  }

  #refused(address: string, problem: string): P8eError {
    return new P8eError("rpc.unavailable", `${this.target} is not connected to: ${problem}`, {
      facts: { peer: this.target, address, refusedAddress: true },
    });
  }

  #start(socket: Socket): Promise<OpenSession> {
    const { tls } = this.#address;
    const shared = http2Options(this.#limits);
    socket.setKeepAlive(true, this.#limits.keepAliveMs);
    const http2 = connect(`${tls ? "https" : "http"}://${this.target}`, {
      ...shared,
      settings: { ...shared.settings, enablePush: false },
      createConnection: () => socket,
    });
    const wear = new Wear(this.#limits);
    const calls = new Set<FailableCall>();
    const closed = (call: FailableCall, lostBytes: number): void => {
      calls.delete(call);
      wear.add(lostBytes);
      // Not before: node would refuse a call that it has been given and has not sent yet.
      if (wear.worn && calls.size === 0) http2.close();
    };
    const session: OpenSession = { http2, socket, calls, closed, wear, failure: undefined };
    this.#sessions.add(session);
    let secured = false;
    return new Promise((resolve, reject) => {
      const late = setTimeout(() => http2.destroy(new Error("connecting took too long")), this.#limits.connectMs);
      http2.on("error", (error) => {
        session.failure ??= error;
      });
      // A TLS alert after the handshake ends the session and leaves the socket open; the session then never says "close".
      socket.on("error", (error) => {
        session.failure ??= error;
        socket.destroy();
      });
      http2.once("connect", () => {
        secured = tls;
        if (tls && http2.alpnProtocol !== "h2") http2.destroy(new Error("the server does not speak HTTP/2"));
      });
      // Only now is it known that HTTP/2 is spoken there, and how many calls may be open at a time.
      http2.once("remoteSettings", () => {
        clearTimeout(late);
        this.#opened(session);
        resolve(session);
      });
      http2.once("close", () => {
        clearTimeout(late);
        this.#sessions.delete(session);
        if (this.#disposed) return reject(this.#error("rpc.cancelled", "the client was closed"));
        reject(
          (tls ? tlsError(this.target, session.failure, secured) : undefined) ?? this.#unavailable(session.failure),
        );
      });
    });
  }

  #opened(session: OpenSession): void {
    const { http2, socket } = session;
    const { keepAliveMs, keepAliveTimeoutMs, idleSessionMs, sessionWindowBytes } = this.#limits;
    this.#open = session;
    http2.setLocalWindowSize(sessionWindowBytes);
    const keepAlive = new KeepAlive(http2, this.#limits);
    let busyAt = performance.now();
    let endedAt = 0;
    const tick = (): void => {
      const now = performance.now();
      const busy = session.calls.size > 0;
      if (busy) busyAt = now;
      if (http2.destroyed) endedAt ||= now;
      // A session that has ended waits for the server to close its side; not for ever.
      if (endedAt !== 0 && now - endedAt > CLOSE_MS) socket.destroy();
      else if (!keepAlive.tick(now, busy)) http2.destroy(new Error("no answer to a ping"));
      else if (!busy && now - busyAt > idleSessionMs) http2.close();
    };
    const shortest = Math.min(keepAliveMs, keepAliveTimeoutMs, idleSessionMs);
    const clock = setInterval(tick, Math.min(1000, Math.max(10, shortest / 4)));
    clock.unref();
    http2.once("close", () => {
      clearInterval(clock);
      if (this.#open === session) this.#open = undefined;
    });
  }

  #unavailable(cause: unknown): P8eError {
    if (isP8eError(cause)) return cause;
    return this.#error("rpc.unavailable", `cannot connect to ${this.target}`, cause);
  }

  #error(code: "rpc.cancelled" | "rpc.unavailable", message: string, cause?: unknown): P8eError {
    return new P8eError(code, message, { facts: { peer: this.target }, ...(cause === undefined ? {} : { cause }) });
  }
}
